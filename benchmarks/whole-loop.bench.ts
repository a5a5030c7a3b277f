import { partitionOf } from '../src/core/murmur2.ts';
import type { TaskRole } from '../src/cli/run/stream-topologies.ts';
import type { OutgoingRecord } from '../src/log/log.ts';
import { NO_HOLIDAYS } from '../src/calendars/calendar.ts';
import type { FeatureTerm } from '../src/schemas/feature-schema.ts';
import type { Worker } from '../src/streams/worker.ts';
import { forecastingShape } from '../src/streams/topologies/forecasting/shape.ts';
import { perSecond, rounded, stopwatch } from './support/measure.ts';
import { Span, type SpanCost, type SpanHooks } from './support/span.ts';
import { crownModel, runnable, startTasks } from './support/running-stream.ts';
import { seeded, type Seed } from './support/seeded-state.ts';
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
  readonly hooks?: SpanHooks;
}

export interface WholeLoopResult {
  readonly work: Work;
  readonly series: number;
  readonly windows: number;
  readonly observations: number;
  readonly cpuMicros: number;
  readonly observationsPerSecond: number;
  readonly bytesWritten: number;
  /** What stores on disk cost every `stateFlushMs` at most, beside the work above. */
  readonly flushMicrosPerSeries: number;
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

const seedOf = ({ bench, options }: Run): Seed => ({
  shape: bench.parts.shape,
  series: seriesByPartition(options.series),
  next: START_PERIOD,
});

interface Measured extends SpanCost {
  /** Bringing the stores on disk up to the log after all. */
  readonly flushMicros: number;
}

/** Each task reads the event of the crowned model beside its observations. */
const MODEL_RECORDS = PARTITIONS;

const observations = (
  { bench, options }: Run,
  span: { readonly from: number; readonly periods: number },
): Iterable<OutgoingRecord> =>
  observationsOf(bench.serdes.observation, {
    topic: TOPIC,
    partitions: PARTITIONS,
    series: options.series,
    ...span,
  });

/** All become visible at once, when every task is idle: nobody has a start. */
const appendAtOnce = async (run: Run): Promise<void> => {
  const records = [...observations(run, { from: run.warm, periods: run.periods })];
  const producer = await run.bench.log.producer('measured');
  const transaction = await producer.begin();
  await transaction.send(records);
  await transaction.commit();
};

const measure = async (run: Run): Promise<Measured> => {
  const { bench, options, warm, periods } = run;
  const { work, series, hooks } = options;
  const stream = runnable(bench, ROLES[work]);
  const span = new Span({ bench, entry: 'forecasting', ...hooks });
  const worker: Worker = await startTasks(bench, {
    topologies: stream.topologies.map((topology) =>
      topology.name === 'forecasting' ? seeded(topology, seedOf(run)) : topology,
    ),
    onCommit: (commit) => {
      span.note(commit, worker.tasks);
    },
  });
  // What a task does once for each series is no part of what an observation costs.
  await span.drained(series * warm + MODEL_RECORDS);
  await appendAtOnce(run);
  span.begin();
  await span.drained(series * (warm + periods) + MODEL_RECORDS);
  const cost = span.end();
  const stopped = stopwatch();
  await worker.stop();
  const flushMicros = stopped().cpuMicros;
  await stream.close();
  return { ...cost, flushMicros };
};

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
    await appendAll(bench.log, 'warm-up', observations(run, { from: 0, periods: run.warm }));
    const cost = await measure(run);
    await check(run);
    const { records, ms } = cost;
    return {
      ...{ work, series, windows, observations: records },
      cpuMicros: rounded(cost.cpuMicros / records),
      observationsPerSecond: perSecond(records, ms),
      bytesWritten: Math.round(cost.bytesWritten / records),
      flushMicrosPerSeries: rounded(cost.flushMicros / series),
      stateBytesPerSeries: Math.round(cost.stateBytes / series),
      rssMiB: Math.round(cost.rssBytes / 2 ** 20),
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
