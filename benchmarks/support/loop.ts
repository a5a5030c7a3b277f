import { NO_HOLIDAYS } from '../../src/calendars/calendar.ts';
import type { TaskRole } from '../../src/cli/run/stream-topologies.ts';
import { partitionOf } from '../../src/core/murmur2.ts';
import type { OutgoingRecord } from '../../src/log/log.ts';
import type { FeatureTerm } from '../../src/schemas/feature-schema.ts';
import type { Commit } from '../../src/streams/commit.ts';
import type { Worker } from '../../src/streams/worker.ts';
import { forecastingShape } from '../../src/streams/topologies/forecasting/shape.ts';
import {
  observationsOf,
  openBenchStream,
  seriesIdOf,
  START_PERIOD,
  type BenchStream,
} from './bench-stream.ts';
import { crownModel, runnable, startTasks } from './running-stream.ts';
import { seeded, type Seed } from './seeded-state.ts';

const TOPIC = 'measured';
const HORIZON = 24;
const LISTED: readonly FeatureTerm['kind'][] = ['lag', 'rolling', 'calendar'];

export const PARTITIONS = 4;

/**
 * `peer`: the work by which peers are measured; `whole`: all that the product does, with the same
 * thirty features; `own`: the same with the product's own model, which reads many more.
 */
export type Work = 'peer' | 'whole' | 'own';

/** What a benchmark was asked for by name. */
export const workOf = (name: string): Work => (name === 'peer' || name === 'own' ? name : 'whole');

export interface LoopShape {
  readonly work: Work;
  readonly series: number;
  /** Times the spans of rolling windows. */
  readonly windows?: number;
  /** How often stores follow the log, if not as usual. */
  readonly stateFlushMs?: number;
  /** Of a Kafka that nobody else uses; without, the log is the embedded one. */
  readonly brokers?: readonly string[];
}

/** A stream with a champion, keyed by series, and nothing on its log yet. */
export interface Loop {
  readonly shape: LoopShape;
  readonly bench: BenchStream;
}

/** The tasks of a loop. */
export interface RunningLoop {
  readonly worker: Worker;
  stop(): Promise<void>;
}

/** Lags and spans of rolling statistics; with five of the calendar thirty features. */
interface Listing {
  readonly lags: readonly number[];
  readonly spans: readonly number[];
}

/** The spans of the peers, whose rings hold 400 values. */
const PEER: Listing = {
  lags: [1, 2, 3, 24, 25, 26, 48, 49, 72, 96, 120, 144, 168, 169, 192, 216, 336],
  spans: [24, 168],
};

/** Up to four weeks, which is what an hourly stream keeps if nothing is configured. */
const WHOLE: Listing = {
  lags: [1, 2, 3, 24, 25, 48, 72, 168, 169, 336, 504, 671, 672],
  spans: [24, 168, 672],
};

const yamlOf = ({ work, windows = 1, stateFlushMs }: LoopShape): string => {
  const { lags, spans } = work === 'peer' ? PEER : WHOLE;
  return `
application: bench
kafka: { partitions: ${PARTITIONS} }
${stateFlushMs === undefined ? '' : `limits: { stateFlushMs: ${stateFlushMs} }`}
streams:
  s:
    source: { topic: ${TOPIC}, keyed: true, series: seriesId, time: eventTime }
    frequency: 1h
    aggregate: none
    seasons: [24, 168]
    forecast: { horizon: ${HORIZON}, levels: [80, 95]${work === 'peer' ? ', scoredSteps: 1' : ''} }
    features:
      publish: ${work !== 'peer'}
      lags: [${lags.join(', ')}]
      rolling: { windows: [${spans.map((span) => span * windows).join(', ')}] }
      calendar: [hour, dayofweek, month, is_weekend, is_holiday]
`;
};

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

/** The same without a champion: for one of several processes, of which one crowns it. */
export const joinLoop = async (shape: LoopShape): Promise<Loop> => {
  const opened = await openBenchStream(yamlOf(shape), shape.brokers);
  return { shape, bench: shape.work === 'own' ? opened : onlyListed(opened) };
};

export const openLoop = async (shape: LoopShape): Promise<Loop> => {
  const loop = await joinLoop(shape);
  await crownModel(loop.bench);
  return loop;
};

const seriesByPartition = (count: number): string[][] => {
  const partitions = Array.from({ length: PARTITIONS }, (): string[] => []);
  for (let index = 0; index < count; index += 1) {
    const id = seriesIdOf(index);
    partitions[partitionOf(Buffer.from(id), PARTITIONS)]?.push(id);
  }
  return partitions;
};

const ROLES: Readonly<Record<Work, readonly TaskRole[]>> = {
  peer: ['forecasting'],
  whole: ['forecasting', 'monitoring', 'summary'],
  own: ['forecasting', 'monitoring', 'summary'],
};

/** Records that forecasting has read after so many periods; each task reads the model's event. */
export const recordsAfter = ({ shape }: Loop, periods: number): number =>
  shape.series * periods + PARTITIONS;

/** Starts the tasks as a long run would have left them. */
export const startLoop = async (
  { shape, bench }: Loop,
  onCommit?: (commit: Commit, tasks: Worker['tasks']) => void,
): Promise<RunningLoop> => {
  const stream = runnable(bench, ROLES[shape.work]);
  const seed: Seed = {
    shape: bench.parts.shape,
    series: seriesByPartition(shape.series),
    next: START_PERIOD,
  };
  const worker: Worker = await startTasks(bench, {
    topologies: stream.topologies.map((topology) =>
      topology.name === 'forecasting' ? seeded(topology, seed) : topology,
    ),
    onCommit: (commit) => {
      onCommit?.(commit, worker.tasks);
    },
  });
  return {
    worker,
    stop: async () => {
      await worker.stop();
      await stream.close();
    },
  };
};

/** One observation a series and period, period by period from the first that tasks do not have. */
export const loopObservations = (
  { shape, bench }: Loop,
  span: { readonly from: number; readonly periods: number },
): Generator<OutgoingRecord> =>
  observationsOf(bench.serdes.observation, {
    topic: TOPIC,
    partitions: PARTITIONS,
    series: shape.series,
    ...span,
  });

/** Throws where there are other forecasts than so many: something else was measured then. */
export const refuseMissing = async ({ bench, shape }: Loop, expected: number): Promise<void> => {
  let forecasts = 0;
  for (let partition = 0; partition < PARTITIONS; partition += 1) {
    forecasts += (await bench.log.offsets(bench.parts.topics.forecasts.name, partition)).end;
  }
  // The marks of commits have offsets too on brokers.
  const isRight = shape.brokers === undefined ? forecasts === expected : forecasts >= expected;
  if (!isRight) throw new Error(`${forecasts} forecasts instead of ${expected}`);
};
