import { availableParallelism } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { systemClock } from '../src/core/clock.ts';
import type { Acknowledgement, OutgoingRecord } from '../src/log/log.ts';
import { groupOf } from '../src/streams/changelog.ts';
import { crownModel } from './support/running-stream.ts';
import { ForkedWorker } from './support/forked-worker.ts';
import {
  joinLoop,
  loopObservations,
  PARTITIONS,
  refuseMissing,
  type Loop,
  type LoopShape,
} from './support/loop.ts';
import { perSecond, rounded, type Cost } from './support/measure.ts';

// What several workers reach together: processes of one group on a broker, each with its share of
// the partitions, and a backlog that becomes visible at once. Broker and workers share the cores of
// this machine: the ratio of two to one is what these allow, not what the product does.

/** By then the code of a worker is compiled, which is no part of what an observation costs. */
const WARM_OBSERVATIONS = 20_000;
/** What stores cost is measured elsewhere. */
const LONGER_THAN_MEASURED_MS = 3_600_000;
const LOOK_MS = 20;

export interface WorkersOptions {
  /** How many processes there are. */
  readonly workers: number;
  readonly series: number;
  /** Observations of the backlog; as many periods as that takes. */
  readonly observations: number;
  /** Of a Kafka that nobody else uses: the embedded log has one process. */
  readonly brokers?: readonly string[];
}

export interface WorkersResult {
  readonly work: LoopShape['work'];
  readonly workers: number;
  readonly series: number;
  readonly observations: number;
  /** From the commit of the backlog until the last position behind it is committed. */
  readonly observationsPerSecond: number;
  /** Of all workers together, without the broker. */
  readonly cpuMicros: number;
  /** Cores that workers and the broker share: more workers cannot have more. */
  readonly where: string;
}

const GROUP = groupOf({ application: 'bench', stream: 's', topology: 'forecasting' });

/** Resolves once there are so many, and each has its share of the tasks. */
const balanced = async ({ bench }: Loop, workers: number): Promise<void> => {
  const share = Math.floor(PARTITIONS / workers);
  for (;;) {
    const members = await bench.log.groupMembers(GROUP);
    const shares = members.map(({ partitions }) => partitions.length);
    const isAll = shares.reduce((sum, one) => sum + one, 0) === PARTITIONS;
    if (isAll && shares.length === workers && shares.every((one) => one >= share)) return;
    await pause(LOOK_MS);
  }
};

/** Resolves once the group has committed positions behind all of these records. */
const read = async ({ bench }: Loop, sent: readonly Acknowledgement[]): Promise<void> => {
  const isRead = async (): Promise<boolean> => {
    const positions = await bench.log.groupOffsets(GROUP);
    return sent.every(({ topic, partition, baseOffset, count }) =>
      positions.some(
        (one) =>
          one.topic === topic && one.partition === partition && one.next >= baseOffset + count,
      ),
    );
  };
  while (!(await isRead())) await pause(LOOK_MS);
};

/** Appends records that become visible at once, and waits until all are read. */
const append = async (
  loop: Loop,
  records: Iterable<OutgoingRecord>,
  onVisible: () => void = () => undefined,
): Promise<void> => {
  const producer = await loop.bench.log.producer('measured');
  const transaction = await producer.begin();
  const sent = await transaction.send([...records]);
  onVisible();
  await transaction.commit();
  await read(loop, sent);
  await producer.close();
};

interface Measured {
  readonly ms: number;
  readonly costs: readonly Cost[];
}

const measure = async (
  loop: Loop,
  workers: readonly ForkedWorker[],
  { warm, measured }: { readonly warm: number; readonly measured: number },
): Promise<Measured> => {
  // What moves from one to another before has no state yet: each begins as a long run leaves it.
  await balanced(loop, workers.length);
  await crownModel(loop.bench);
  await append(loop, loopObservations(loop, { from: 0, periods: warm }));
  let begunMs = NaN;
  await append(loop, loopObservations(loop, { from: warm, periods: measured }), () => {
    for (const worker of workers) worker.begin();
    begunMs = systemClock.monotonic();
  });
  const ms = systemClock.monotonic() - begunMs;
  return { ms, costs: await Promise.all(workers.map((worker) => worker.end())) };
};

/** The peers' work by several processes, on a Kafka of their own. */
export const workersBench = async (options: WorkersOptions): Promise<WorkersResult> => {
  const { workers: count, series, brokers } = options;
  if (brokers === undefined) throw new Error('several workers need a Kafka');
  const work = 'peer';
  const shape = { work, series, brokers, stateFlushMs: LONGER_THAN_MEASURED_MS } as const;
  const loop = await joinLoop(shape);
  const workers = Array.from({ length: count }, () => new ForkedWorker(shape));
  try {
    const measured = Math.max(1, Math.ceil(options.observations / series));
    const warm = Math.ceil(Math.max(measured / 5, (count * WARM_OBSERVATIONS) / series));
    const { ms, costs } = await measure(loop, workers, { warm, measured });
    await refuseMissing(loop, series * (warm + measured));
    const observations = measured * series;
    const cpuMicros = costs.reduce((sum, cost) => sum + cost.cpuMicros, 0);
    return {
      ...{ work, workers: count, series, observations },
      observationsPerSecond: perSecond(observations, ms),
      cpuMicros: rounded(cpuMicros / observations),
      where: `${availableParallelism()} cores for workers, broker and benchmark together`,
    };
  } finally {
    await Promise.all(workers.map((worker) => worker.close()));
    await loop.bench.close();
  }
};
