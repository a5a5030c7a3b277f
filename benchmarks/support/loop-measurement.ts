import type { WholeLoopResult } from '../whole-loop.bench.ts';
import type { Figure, Goal } from './figure.ts';
import type { Job, JobResult } from './job.ts';
import type { Work } from './loop.ts';
import type { Measurement } from './measurement.ts';

/** What the work is to cost at most. */
interface LoopGoals {
  readonly cpuMicros: Goal;
  readonly bytesWritten?: Goal;
}

interface LoopMeasurementOptions {
  readonly name: string;
  readonly summary: string;
  readonly work: Work;
  readonly goals: LoopGoals;
}

const SERIES = [1_000, 10_000, 100_000];
const SHORT_SERIES = [1_000, 10_000];
const OBSERVATIONS = 100_000;
const SHORT_OBSERVATIONS = 20_000;
/** Series of which windows are made longer: ten times the ring of all would take gigabytes. */
const WINDOW_SERIES = 1_000;
const WINDOW_FACTOR = 10;
/** In turn, so that what else the machine does meets all of them alike; the best counts. */
const ROUNDS = 2;
/** What a series may take in memory: its ring, and so much beside it at horizon 24. */
const SLOT_BYTES = 8;
const BESIDE_RING_BYTES = 16 << 10;
const GROWTH: Goal = { atMost: 1.3 };

const isLoop = (result: JobResult): result is JobResult & { readonly type: 'loop' } =>
  result.type === 'loop';

/** The cheapest run of each size: what else the machine does only adds. */
const bestOf = (
  results: readonly JobResult[],
  { series, windows }: { readonly series: number; readonly windows: number },
): WholeLoopResult | undefined =>
  results
    .filter(isLoop)
    .filter((result) => result.series === series && result.windows === windows)
    .sort((one, other) => one.cpuMicros - other.cpuMicros)[0];

const figuresOf = (result: WholeLoopResult, goals: LoopGoals): readonly Figure[] => {
  const name = `${result.series.toLocaleString('en-US')} series`;
  return [
    {
      name: `${name}: CPU`,
      value: result.cpuMicros,
      unit: 'µs an observation',
      goal: goals.cpuMicros,
    },
    { name: `${name}: rate`, value: result.observationsPerSecond, unit: 'observations/s' },
    {
      name: `${name}: written`,
      value: result.bytesWritten,
      unit: 'B an observation',
      ...(goals.bytesWritten === undefined ? {} : { goal: goals.bytesWritten }),
    },
    {
      name: `${name}: state`,
      value: result.stateBytesPerSeries,
      unit: 'B a series',
      goal: { atMost: result.ringPeriods * SLOT_BYTES + BESIDE_RING_BYTES },
    },
    { name: `${name}: flush`, value: result.flushMicrosPerSeries, unit: 'µs a series' },
    { name: `${name}: memory`, value: result.rssMiB, unit: 'MiB RSS' },
  ];
};

const growth = (
  name: string,
  small: WholeLoopResult | undefined,
  large: WholeLoopResult | undefined,
): readonly Figure[] =>
  small === undefined || large === undefined
    ? []
    : [{ name, value: large.cpuMicros / small.cpuMicros, unit: 'times the CPU', goal: GROWTH }];

const jobsOf = (work: Work, isShort: boolean): readonly Job[] => {
  const observations = isShort ? SHORT_OBSERVATIONS : OBSERVATIONS;
  const round = [
    ...(isShort ? SHORT_SERIES : SERIES).map((series) => ({ series, windows: 1 })),
    { series: WINDOW_SERIES, windows: WINDOW_FACTOR },
  ].map((shape): Job => ({ type: 'loop', work, observations, ...shape }));
  return Array.from({ length: isShort ? 1 : ROUNDS }, () => round).flat();
};

/** Observations through the tasks, by the number of series and the length of windows. */
export const loopMeasurement = (options: LoopMeasurementOptions): Measurement => {
  const { name, summary, work, goals } = options;
  return {
    name,
    summary,
    jobs: (isShort) => jobsOf(work, isShort),
    figures: (results) => {
      const best = SERIES.map((series) => bestOf(results, { series, windows: 1 }));
      const long = bestOf(results, { series: WINDOW_SERIES, windows: WINDOW_FACTOR });
      const [smallest, , largest] = best;
      return [
        ...best.flatMap((result) => (result === undefined ? [] : figuresOf(result, goals))),
        ...growth('series × 100', smallest, largest),
        ...growth('windows × 10', smallest, long),
      ];
    },
  };
};
