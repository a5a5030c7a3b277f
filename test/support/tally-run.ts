import { systemClock } from '../../src/core/clock.ts';
import { seededRandom, type SeededRandom } from '../../src/core/random.ts';
import type { Log, OutgoingRecord } from '../../src/log/log.ts';
import { MemorySchemaRegistry } from '../../src/schemas/registry/memory-schema-registry.ts';
import { openSerde } from '../../src/schemas/open-serde.ts';
import type { SchemaRegistry } from '../../src/schemas/schema-registry.ts';
import {
  claimType,
  commitRecordType,
  deadLetterType,
  stateBlockType,
} from '../../src/schemas/value-types.ts';
import { beginAgain } from '../../src/streams/begin-again.ts';
import type { Commit } from '../../src/streams/commit.ts';
import { noMetrics } from '../../src/streams/metrics.ts';
import type { TaskLimits } from '../../src/streams/task-context.ts';
import { sourceSet, watermarkRecord } from '../../src/streams/watermarks.ts';
import { startWorker, type Worker } from '../../src/streams/worker.ts';
import type { StoreFolder } from '../../src/state/store.ts';
import { EVENTS, POISON, SETTINGS, STREAM, tally, tallyTopics } from './tally-topology.ts';

export const CHANGELOG = `test.${STREAM}.tally.changelog`;

/** As fast as tests want it: no waiting for full batches, hardly any between lives. */
const FAST: TaskLimits = {
  commitIntervalMs: 0,
  batchRecordsMax: 5,
  batchBytesMax: 1 << 20,
  flushIntervalMs: 0,
  flushPagesMax: 2,
  idlePollMs: 2,
  restoreRecordsMax: 3,
  backoffMsMin: 1,
  backoffMsMax: 4,
  lagIntervalMs: 1 << 30,
};

/** Turns of a task after which a test gives up: an endless loop is a failure, not a hang. */
const TURNS_MAX = 20_000;

export interface TallyProcess {
  readonly log: Log;
  readonly stores: StoreFolder;
  readonly partitions: number;
  readonly registry: SchemaRegistry;
  readonly limits?: Partial<TaskLimits>;
  readonly onFailure?: (error: unknown) => void;
  readonly onCommit?: (commit: Commit) => void;
}

/** One worker that runs the tally. */
const startTally = (process: TallyProcess): Promise<Worker> => {
  const { log, stores, partitions, registry, limits, onFailure, onCommit } = process;
  return startWorker({
    context: {
      application: 'test',
      instance: 'instance',
      address: '',
      log,
      stores,
      clock: systemClock,
      limits: { ...FAST, ...limits },
      metrics: noMetrics,
      topicPrefix: '',
      adopt: false,
    },
    topologies: [tally(partitions)],
    schemas: {
      registry,
      openSerde,
      claim: claimType,
      commit: commitRecordType,
      block: stateBlockType,
      deadLetter: deadLetterType,
    },
    version: 'test',
    onFailure: (error) => onFailure?.(error),
    onGroupFailure: (error) => onFailure?.(error),
    ...(onCommit === undefined ? {} : { onCommit }),
  });
};

const RAW = [
  { topic: 'raw', partition: 0 },
  { topic: 'raw', partition: 1 },
];
const KEYS = ['a', 'b/c', 'ü', 'd', 'e'];

const eventOf = (random: SeededRandom): Buffer | null => {
  const kind = random.next();
  if (kind < 0.04) return null;
  if (kind < 0.08) return Buffer.from('bad');
  if (kind < 0.12) return Buffer.from(String(POISON));
  return Buffer.from(String(random.int(100)));
};

const recordsFor = (partition: number, count: number, random: SeededRandom): OutgoingRecord[] =>
  Array.from({ length: count }, (_, index) => {
    const member = RAW[random.int(2)];
    if (index % 6 === 5 && member !== undefined) {
      const said = { ...member, watermark: index * 10, idle: false, sources: sourceSet(1, RAW) };
      return watermarkRecord({ topic: EVENTS, partition }, said);
    }
    const key = Buffer.from(KEYS[random.int(KEYS.length)] ?? '');
    return { topic: EVENTS, partition, key, value: eventOf(random) };
  });

/** Creates the sources and fills them; the same seed gives the same records. */
export const feedTally = async (
  log: Log,
  { partitions, count, seed }: { partitions: number; count: number; seed: string },
): Promise<void> => {
  const { events, settings } = tallyTopics(partitions);
  await log.ensureTopics([events, settings]);
  const random = seededRandom(seed);
  const producer = await log.producer('feeder');
  for (let partition = 0; partition < partitions; partition += 1) {
    const records = recordsFor(partition, count, random);
    // In several transactions, so that markers lie between the records.
    for (let from = 0; from < count; from += 7) {
      const transaction = await producer.begin();
      await transaction.send(records.slice(from, from + 7));
      await transaction.commit();
    }
  }
  const transaction = await producer.begin();
  const setting = (value: string): OutgoingRecord => ({
    topic: SETTINGS,
    partition: 0,
    key: Buffer.from('colour'),
    value: Buffer.from(value),
  });
  await transaction.send([setting('red'), setting('blue')]);
  await transaction.commit();
  await producer.close();
};

/** Lets the tally begin again in place, from the start of its events where nothing else is said. */
export const beginTallyAgain = async (
  { log, partitions, registry }: Pick<TallyProcess, 'log' | 'partitions' | 'registry'>,
  from: ReadonlyMap<string, number> = new Map(),
): Promise<void> => {
  const serde = await openSerde(registry, `${CHANGELOG}.commit`, commitRecordType);
  await beginAgain({
    ...{ log, id: 'again', naming: { application: 'test', topicPrefix: '' } },
    topologies: [
      {
        ...{ topology: tally(partitions), serde },
        positionsOf: (partition) => [
          { topic: EVENTS, partition, next: from.get(`${EVENTS}/${partition}`) ?? 0 },
        ],
      },
    ],
  });
};

const isDone = ({ tasks }: Worker, ends: ReadonlyMap<string, number>, count: number): boolean =>
  tasks.length === count &&
  tasks.every(
    ({ state, isDrained, positions }) =>
      state === 'RUNNING' &&
      isDrained &&
      positions.every(({ topic, partition, next }) => next === ends.get(`${topic}/${partition}`)),
  );

/** Where all partitions end now. */
export const endsOf = async (log: Log): Promise<ReadonlyMap<string, number>> => {
  const ends = new Map<string, number>();
  for (const { definition, offsets } of await log.topics()) {
    for (const [partition, { stableEnd }] of offsets.entries()) {
      ends.set(`${definition.name}/${partition}`, stableEnd);
    }
  }
  return ends;
};

export interface RunOptions extends TallyProcess {
  /** Next offsets by topic and partition: how far a run is to read. */
  readonly ends: ReadonlyMap<string, number>;
}

/** Runs until all sources are read; returns the worker, still running. */
export const runTally = async (options: RunOptions): Promise<Worker> => {
  let turns = 0;
  const started: Worker[] = [];
  let settle: (error?: Error) => void = () => undefined;
  const done = new Promise<void>((resolve, reject) => {
    settle = (error) => {
      if (error === undefined) resolve();
      else reject(error);
    };
  });
  const look = (): void => {
    turns += 1;
    const [worker] = started;
    const broken = worker?.tasks.find(({ state }) => state === 'HALTED');
    if (turns > TURNS_MAX) settle(new Error('the run never comes to its end'));
    else if (broken !== undefined) settle(new Error(`a task halted: ${broken.error}`));
    else if (worker !== undefined && isDone(worker, options.ends, options.partitions)) settle();
  };
  const worker = await startTally({
    ...options,
    onFailure: (error) => {
      options.onFailure?.(error);
      // After the status has changed.
      setImmediate(look);
    },
    onCommit: (commit) => {
      options.onCommit?.(commit);
      look();
    },
  });
  started.push(worker);
  await done;
  return worker;
};

export const memoryRegistry = (): SchemaRegistry => new MemorySchemaRegistry();
