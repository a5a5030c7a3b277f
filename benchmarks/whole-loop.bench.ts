import { partitionOf } from '../src/core/murmur2.ts';
import { dataFolders } from '../src/cli/data-folders.ts';
import type { TaskRole } from '../src/cli/run/stream-topologies.ts';
import { NO_HOLIDAYS } from '../src/calendars/calendar.ts';
import { openSerde } from '../src/schemas/open-serde.ts';
import { commitRecordType } from '../src/schemas/value-types.ts';
import type { FeatureTerm } from '../src/schemas/feature-schema.ts';
import { levelStoreFolder } from '../src/state/level/level-store.ts';
import { changelogOf } from '../src/streams/changelog.ts';
import type { Commit } from '../src/streams/commit.ts';
import type { Topology } from '../src/streams/topology.ts';
import type { Worker } from '../src/streams/worker.ts';
import { forecastingShape } from '../src/streams/topologies/forecasting/shape.ts';
import { folderBytes, perSecond, rounded, stopwatch, type Cost } from './support/measure.ts';
import { crownModel, runnable, startTasks } from './support/running-stream.ts';
import { seedStores } from './support/seeded-stores.ts';
import {
  appendAll,
  observationsOf,
  openBenchStream,
  seriesIdOf,
  START_PERIOD,
  type BenchStream,
} from './support/bench-stream.ts';

// What one observation costs from the log to all that follows from it on the log, in CPU of the
// whole process, model thread included. Stores begin as a long run would have left them: windows
// full, a horizon of forecasts open for each series.

const TOPIC = 'measured';
const PARTITIONS = 4;
const HORIZON = 24;
const LISTED: readonly FeatureTerm['kind'][] = ['lag', 'rolling', 'calendar'];

/** `peer`: the work by which peers are measured; `whole`: all that the product does. */
export type Work = 'peer' | 'whole';

export interface WholeLoopOptions {
  readonly work: Work;
  readonly series: number;
  /** Observations that are measured; as many periods as that takes, one at least. */
  readonly observations: number;
  /** Times the spans of rolling windows. */
  readonly windows?: number;
}

export interface WholeLoopResult {
  readonly work: Work;
  readonly series: number;
  readonly windows: number;
  readonly observations: number;
  readonly cpuMicros: number;
  readonly observationsPerSecond: number;
  readonly bytesWritten: number;
  readonly stateBytesPerSeries: number;
  readonly rssMiB: number;
}

const yamlOf = ({ work, windows = 1 }: WholeLoopOptions): string => `
application: bench
kafka: { partitions: ${PARTITIONS} }
streams:
  s:
    source: { topic: ${TOPIC}, keyed: true, series: seriesId, time: eventTime }
    frequency: 1h
    aggregate: none
    seasons: [24, 168]
    forecast: { horizon: ${HORIZON}, levels: [80, 95]${work === 'peer' ? ', scoredSteps: 1' : ''} }
    features:
      publish: ${work === 'whole'}
      lags: [1, 2, 3, 24, 25, 48, 72, 168, 169, 336, 504, 671, 672]
      rolling: { windows: [${[24, 168, 672].map((span) => span * windows).join(', ')}] }
      calendar: [hour, dayofweek, month, is_weekend, is_holiday]
`;

/** The features that a user lists and no others; the product's own model reads more. */
const onlyListed = (bench: BenchStream): BenchStream => {
  const { parts } = bench;
  const terms = parts.features.terms.filter(({ kind }) => LISTED.includes(kind));
  const features = { ...parts.features, terms };
  const { levels, silence, forecast, publishesFeatures } = parts.shape;
  const shape = forecastingShape({
    ...{ features, levels, silence, publishesFeatures, forecast },
    calendar: NO_HOLIDAYS,
    aggregate: 'none',
    ringPeriods: undefined,
  });
  return { ...bench, parts: { ...parts, features, shape } };
};

const seriesByPartition = (count: number): string[][] => {
  const partitions = Array.from({ length: PARTITIONS }, (): string[] => []);
  for (let index = 0; index < count; index += 1) {
    const id = seriesIdOf(index);
    partitions[partitionOf(Buffer.from(id), PARTITIONS)]?.push(id);
  }
  return partitions;
};

interface Run {
  readonly bench: BenchStream;
  readonly options: WholeLoopOptions;
  /** Periods before those that are measured, and these. */
  readonly warm: number;
  readonly periods: number;
}

const ROLES: Readonly<Record<Work, readonly TaskRole[]>> = {
  peer: ['forecasting'],
  whole: ['forecasting', 'monitoring', 'summary'],
};

interface Measured extends Cost {
  readonly bytesWritten: number;
  readonly stateBytes: number;
}

/** Watches commits: from the one that ends the warm-up to the last one before all is drained. */
class Watch {
  readonly finished: Promise<Measured>;
  private readonly run: Run;
  private readonly bytes: () => number;
  private done = 0;
  private began: { readonly cost: () => Cost; readonly bytes: number } | undefined;
  private last: Cost = { cpuMicros: 0, ms: 0 };
  private finish: (measured: Measured) => void = () => undefined;

  constructor(run: Run) {
    this.run = run;
    const { log } = dataFolders(run.bench.config);
    this.bytes = () => folderBytes(log);
    this.finished = new Promise((resolve) => {
      this.finish = resolve;
    });
  }

  note({ topology, records, outputs }: Commit, tasks: Worker['tasks']): void {
    const { options, warm, periods } = this.run;
    if (topology === 'forecasting') this.done += records;
    if (this.began === undefined && this.done >= options.series * warm) {
      this.began = { cost: stopwatch(), bytes: this.bytes() };
    }
    if (this.began === undefined) return;
    if (records > 0 || outputs > 0) this.last = this.began.cost();
    if (this.done < options.series * (warm + periods)) return;
    if (!tasks.every(({ isDrained }) => isDrained)) return;
    const stateBytes = tasks.reduce((sum, task) => sum + task.stateBytes, 0);
    this.finish({ ...this.last, bytesWritten: this.bytes() - this.began.bytes, stateBytes });
  }
}

const seed = async ({ bench, options }: Run, forecasting: Topology): Promise<void> => {
  const { registry, config, parts } = bench;
  const { name } = changelogOf(
    { application: 'bench', stream: 's', topology: 'forecasting' },
    { prefix: '', partitions: PARTITIONS },
  );
  await seedStores({
    ...{ shape: parts.shape, topology: forecasting, next: START_PERIOD },
    commit: await openSerde(registry, `${name}.commit`, commitRecordType),
    series: seriesByPartition(options.series),
    stores: levelStoreFolder(dataFolders(config).stores),
    path: ['s', 'forecasting'],
  });
};

const measure = async (run: Run): Promise<Measured> => {
  const { bench, options } = run;
  const stream = runnable(bench, ROLES[options.work]);
  const [forecasting] = stream.topologies;
  if (forecasting === undefined) throw new Error('forecasting is a topology');
  await seed(run, forecasting);
  const watch = new Watch(run);
  const worker: Worker = await startTasks(bench, {
    topologies: stream.topologies,
    onCommit: (commit) => {
      watch.note(commit, worker.tasks);
    },
  });
  const measured = await watch.finished;
  await worker.stop();
  await stream.close();
  return measured;
};

const appendObservations = ({ bench, options, warm, periods }: Run): Promise<number> =>
  appendAll(
    bench.log,
    'observations',
    observationsOf(bench.serdes.observation, {
      topic: TOPIC,
      partitions: PARTITIONS,
      series: options.series,
      from: 0,
      periods: warm + periods,
    }),
  );

const check = async ({ bench, options, warm, periods }: Run): Promise<void> => {
  let forecasts = 0;
  for (let partition = 0; partition < PARTITIONS; partition += 1) {
    forecasts += (await bench.log.offsets(bench.parts.topics.forecasts.name, partition)).end;
  }
  const expected = options.series * (warm + periods);
  if (forecasts !== expected) throw new Error(`${forecasts} forecasts instead of ${expected}`);
};

/** Observations through forecasting, and what follows from them, on a log of their own. */
export const wholeLoopBench = async (options: WholeLoopOptions): Promise<WholeLoopResult> => {
  const { work, series, windows = 1 } = options;
  const opened = await openBenchStream(yamlOf(options));
  try {
    const bench = work === 'peer' ? onlyListed(opened) : opened;
    const periods = Math.max(1, Math.ceil(options.observations / series));
    const run = { bench, options, warm: Math.max(1, Math.ceil(periods / 5)), periods };
    await crownModel(bench);
    await appendObservations(run);
    const { cpuMicros, ms, bytesWritten, stateBytes } = await measure(run);
    await check(run);
    const observations = periods * series;
    return {
      ...{ work, series, windows, observations },
      cpuMicros: rounded(cpuMicros / observations),
      observationsPerSecond: perSecond(observations, ms),
      bytesWritten: Math.round(bytesWritten / observations),
      stateBytesPerSeries: Math.round(stateBytes / series),
      rssMiB: Math.round(process.memoryUsage.rss() / 2 ** 20),
    };
  } finally {
    await opened.close();
  }
};

if (process.argv[1] === import.meta.filename) {
  const [work = 'whole', series = '10000', observations = '100000', windows = '1'] =
    process.argv.slice(2);
  console.table([
    await wholeLoopBench({
      work: work === 'peer' ? 'peer' : 'whole',
      series: Number(series),
      observations: Number(observations),
      windows: Number(windows),
    }),
  ]);
}
