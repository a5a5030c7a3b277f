import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { dataFolders } from '../src/cli/data-folders.ts';
import type { Worker } from '../src/streams/worker.ts';
import { appendAll, observationsOf, openBenchStream } from './support/bench-stream.ts';
import type { BenchStream } from './support/bench-stream.ts';
import { folderBytes, perSecond, rounded, stopwatch } from './support/measure.ts';
import { withLaidRows } from './support/laid-rows.ts';
import {
  RING_PARTITIONS as PARTITIONS,
  RING_PERIODS as PERIODS,
  RING_TOPIC as TOPIC,
  ringStreamYaml,
} from './support/ring-stream.ts';
import { runnable, startTasks } from './support/running-stream.ts';
import { Span } from './support/span.ts';

// How fast tasks that lost their stores are back: a run fills the rings of all series, its state
// folder is deleted, and the time counts from the start of the tasks until all of them run.

/** Between two looks at the tasks. */
const LOOK_MS = 2;

/** The head of a row, and its ring by eight slots. */
const BLOCKS = 1 + PERIODS / 8;

/**
 * Where the changelog comes from. `lived`: every value of every series was an observation.
 * `laid`: those of a thousand series were, and each batch of them put full rings of others into
 * the state, whose blocks are written once, as compaction leaves them: a million series do not live
 * so long within the bound of a benchmark.
 */
type History = 'lived' | 'laid';

/** Series that live where others are laid beside them, and how they come in many batches. */
const LIVING = 1_000;
const LAID_BATCH_RECORDS = 100;

export interface RestoreOptions {
  readonly series: number;
  /** By default `lived`. */
  readonly history?: History;
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
  readonly history: History;
  readonly series: number;
  readonly slots: number;
  /**
   * The changelog with all that the run wrote: a slot's block once for each commit of it, which for
   * nearly all of those that were laid is one.
   */
  readonly written: Restore;
  /** The changelog after compaction by the log itself, each block once; not of what was laid. */
  readonly compacted?: Restore;
}

/** As many batches of each task as there are at least for those that live; somewhat fewer. */
const laidABatch = (series: number): number => {
  const batches = (LIVING * PERIODS) / PARTITIONS / LAID_BATCH_RECORDS;
  return Math.ceil((series - LIVING) / PARTITIONS / (batches / 2));
};

const write = async (
  bench: BenchStream,
  { series: all, history }: Required<Pick<RestoreOptions, 'series' | 'history'>>,
): Promise<void> => {
  const series = history === 'laid' ? LIVING : all;
  const span = { topic: TOPIC, partitions: PARTITIONS, series, from: 0, periods: PERIODS };
  await appendAll(bench.log, 'observations', observationsOf(bench.serdes.observation, span));
  const stream = runnable(bench, ['forecasting']);
  const laid = { from: series, to: all, aBatch: laidABatch(all) };
  const progress = new Span({ bench, entry: 'forecasting' });
  const worker: Worker = await startTasks(bench, {
    topologies: stream.topologies.map((topology) =>
      history === 'laid' ? withLaidRows(topology, laid) : topology,
    ),
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

const yamlOf = (history: History): string =>
  ringStreamYaml([
    `kafka: { partitions: ${PARTITIONS} }`,
    ...(history === 'laid' ? [`limits: { batchRecordsMax: ${LAID_BATCH_RECORDS} }`] : []),
  ]);

/** Rings of so many series, restored from the changelog alone. */
export const restoreBench = async (options: RestoreOptions): Promise<RestoreResult> => {
  const { series, history = 'lived', brokers } = options;
  let bench = await openBenchStream(yamlOf(history), brokers);
  try {
    const { ringPeriods } = bench.parts.shape;
    if (ringPeriods !== PERIODS) throw new Error(`a ring has ${ringPeriods} slots`);
    await write(bench, { series, history });
    const slots = series * PERIODS;
    bench = await bench.reopen();
    const written = await restore(bench, slots);
    if (written.changelogRecords < series * BLOCKS) throw new Error('not all was in the changelog');
    const slot = 'one period of one series: 8 bytes of its ring, restored in blocks of 8';
    if (history === 'laid') return { slot, history, series, slots, written };
    await bench.compact();
    bench = await bench.reopen();
    const compacted = await restore(bench, slots);
    return { slot, history, series, slots, written, compacted };
  } finally {
    await bench.close();
  }
};

if (process.argv[1] === import.meta.filename) {
  const [series = '5000', name = 'lived'] = process.argv.slice(2);
  const history = name === 'laid' ? 'laid' : 'lived';
  const { written, compacted, ...rest } = await restoreBench({ series: Number(series), history });
  console.log(rest);
  console.table({ written, compacted });
}
