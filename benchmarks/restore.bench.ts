import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { dataFolders } from '../src/cli/data-folders.ts';
import type { Worker } from '../src/streams/worker.ts';
import { appendAll, observationsOf, openBenchStream } from './support/bench-stream.ts';
import type { BenchStream } from './support/bench-stream.ts';
import { folderBytes, perSecond, rounded, stopwatch } from './support/measure.ts';
import { runnable, startTasks } from './support/running-stream.ts';
import { Span } from './support/span.ts';

// How fast tasks that lost their stores are back: a run fills the rings of all series, its state
// folder is deleted, and the time counts from the start of the tasks until all of them run.

const TOPIC = 'measured';
const PARTITIONS = 4;
const PERIODS = 32;
/** Between two looks at the tasks. */
const LOOK_MS = 2;

export interface RestoreOptions {
  readonly series: number;
  /** Of a Kafka that nobody else uses; without, the log is the embedded one. */
  readonly brokers?: readonly string[];
}

/** One restore from a changelog as it lay there. */
interface Restore {
  readonly changelogRecords: number;
  /** On disk; 0 where the disk is a broker's. */
  readonly changelogBytes: number;
  readonly ms: number;
  readonly cpuMicrosPerSlot: number;
  readonly slotsPerSecond: number;
}

export interface RestoreResult {
  /** One period of one series, the value of its ring: 8 bytes of a block that holds 8 of them. */
  readonly slot: string;
  readonly series: number;
  readonly slots: number;
  /** The changelog with all that the run wrote: a slot's block once for each commit of it. */
  readonly written: Restore;
  /** The changelog after compaction: each block once. Brokers compact when they like. */
  readonly compacted?: Restore;
}

/** Forecasts begin far in the future, so that tasks keep rings and nothing else. */
const YAML = `
application: bench
kafka: { partitions: ${PARTITIONS} }
streams:
  s:
    source: { topic: ${TOPIC}, keyed: true, series: seriesId, time: eventTime }
    frequency: 1h
    aggregate: none
    seasons: [2]
    ringPeriods: ${PERIODS}
    forecast: { horizon: 1, from: 2099-01-01T00:00:00Z }
    features: { lags: [1], rolling: { windows: [] }, calendar: [] }
`;

const write = async (bench: BenchStream, series: number): Promise<void> => {
  const span = { topic: TOPIC, partitions: PARTITIONS, series, from: 0, periods: PERIODS };
  await appendAll(bench.log, 'observations', observationsOf(bench.serdes.observation, span));
  const stream = runnable(bench, ['forecasting']);
  const progress = new Span({ bench, entry: 'forecasting' });
  const worker: Worker = await startTasks(bench, {
    topologies: stream.topologies,
    onCommit: (commit) => {
      progress.note(commit, worker.tasks);
    },
  });
  await progress.drained(series * PERIODS);
  await worker.stop();
  await stream.close();
};

const allRun = async (worker: Worker): Promise<void> => {
  const isRunning = (): boolean =>
    worker.tasks.length === PARTITIONS && worker.tasks.every(({ state }) => state === 'RUNNING');
  while (!isRunning()) await pause(LOOK_MS);
};

const restore = async (bench: BenchStream, slots: number): Promise<Restore> => {
  const { stores, log } = dataFolders(bench.config);
  await rm(stores, { recursive: true });
  const stream = runnable(bench, ['forecasting']);
  const [topology] = stream.topologies;
  if (topology === undefined) throw new Error('forecasting is a topology');
  const changelog = join(log, 'topics', 'bench.s.forecasting.changelog');
  const changelogBytes = existsSync(changelog) ? folderBytes(changelog) : 0;
  let changelogRecords = 0;
  const restored = ({ records }: { readonly records: number }): void => {
    changelogRecords += records;
  };
  const cost = stopwatch();
  const worker = await startTasks(bench, { topologies: [topology], metrics: { restored } });
  await allRun(worker);
  const { ms, cpuMicros } = cost();
  await worker.stop();
  await stream.close();
  return {
    ...{ changelogRecords, changelogBytes, ms: Math.round(ms) },
    cpuMicrosPerSlot: rounded(cpuMicros / slots, 3),
    slotsPerSecond: perSecond(slots, ms),
  };
};

/** Rings of so many series, restored from the changelog alone. */
export const restoreBench = async ({ series, brokers }: RestoreOptions): Promise<RestoreResult> => {
  let bench = await openBenchStream(YAML, brokers);
  try {
    const { ringPeriods } = bench.parts.shape;
    if (ringPeriods !== PERIODS) throw new Error(`a ring has ${ringPeriods} slots`);
    await write(bench, series);
    const slots = series * PERIODS;
    bench = await bench.reopen();
    const written = await restore(bench, slots);
    const slot = 'one period of one series: 8 bytes of its ring, restored in blocks of 8';
    if (brokers !== undefined) return { slot, series, slots, written };
    await bench.compact();
    bench = await bench.reopen();
    const compacted = await restore(bench, slots);
    return { slot, series, slots, written, compacted };
  } finally {
    await bench.close();
  }
};

if (process.argv[1] === import.meta.filename) {
  const [series = '5000'] = process.argv.slice(2);
  const { written, compacted, ...rest } = await restoreBench({ series: Number(series) });
  console.log(rest);
  console.table({ written, compacted });
}
