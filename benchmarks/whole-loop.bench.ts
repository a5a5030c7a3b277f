import { appendAll } from './support/bench-stream.ts';
import {
  loopObservations,
  openLoop,
  recordsAfter,
  refuseMissing,
  startLoop,
  workOf,
  type Loop,
  type LoopShape,
  type Work,
} from './support/loop.ts';
import { perSecond, rounded, stopwatch } from './support/measure.ts';
import { Span, type SpanCost, type SpanHooks } from './support/span.ts';

// What one observation costs from the log to all that follows from it on the log, in CPU of the
// whole process, model thread included. Tasks begin as a long run would have left them: windows
// full, a horizon of forecasts open for each series.

/** By then the code is compiled, which is no part of what an observation costs. */
const WARM_OBSERVATIONS = 20_000;

/** What stores cost is measured by itself, at the end. */
const LONGER_THAN_MEASURED_MS = 3_600_000;

export interface WholeLoopOptions extends LoopShape {
  /** Observations that are measured; as many periods as that takes, one at least. */
  readonly observations: number;
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
  /** Slots of the window that is kept of each series. */
  readonly ringPeriods: number;
  readonly stateBytesPerSeries: number;
  readonly rssMiB: number;
}

/** Periods before those that are measured, and these. */
interface Periods {
  readonly warm: number;
  readonly measured: number;
}

interface Measured extends SpanCost {
  /** Bringing the stores on disk up to the log after all. */
  readonly flushMicros: number;
}

/** All become visible at once, when every task is idle: nobody has a start. */
const appendAtOnce = async (loop: Loop, { warm, measured }: Periods): Promise<void> => {
  const records = [...loopObservations(loop, { from: warm, periods: measured })];
  const producer = await loop.bench.log.producer('measured');
  const transaction = await producer.begin();
  await transaction.send(records);
  await transaction.commit();
};

const measure = async (
  loop: Loop,
  periods: Periods,
  hooks: SpanHooks | undefined,
): Promise<Measured> => {
  const { bench } = loop;
  const { warm, measured } = periods;
  await appendAll(bench.log, 'warm-up', loopObservations(loop, { from: 0, periods: warm }));
  const span = new Span({ bench, entry: 'forecasting', ...hooks });
  const running = await startLoop(loop, (commit, tasks) => {
    span.note(commit, tasks);
  });
  // What a task does once for each series is no part of what an observation costs.
  await span.drained(recordsAfter(loop, warm));
  await appendAtOnce(loop, periods);
  span.begin();
  await span.drained(recordsAfter(loop, warm + measured));
  const cost = span.end();
  const stopped = stopwatch();
  await running.stop();
  return { ...cost, flushMicros: stopped().cpuMicros };
};

/** Observations through forecasting, and what follows from them, on a log of their own. */
export const wholeLoopBench = async (options: WholeLoopOptions): Promise<WholeLoopResult> => {
  const { work, series, windows = 1, hooks, brokers } = options;
  const loop = await openLoop({
    ...{ work, series, windows, stateFlushMs: LONGER_THAN_MEASURED_MS },
    ...(brokers === undefined ? {} : { brokers }),
  });
  try {
    const measured = Math.max(1, Math.ceil(options.observations / series));
    const warm = Math.ceil(Math.max(measured / 5, WARM_OBSERVATIONS / series));
    const cost = await measure(loop, { warm, measured }, hooks);
    await refuseMissing(loop, series * (warm + measured));
    const { records, ms } = cost;
    return {
      ...{ work, series, windows, observations: records },
      cpuMicros: rounded(cost.cpuMicros / records),
      observationsPerSecond: perSecond(records, ms),
      bytesWritten: Math.round(cost.bytesWritten / records),
      flushMicrosPerSeries: rounded(cost.flushMicros / series),
      ringPeriods: loop.bench.parts.shape.ringPeriods,
      stateBytesPerSeries: Math.round(cost.stateBytes / series),
      rssMiB: Math.round(cost.rssBytes / 2 ** 20),
    };
  } finally {
    await loop.bench.close();
  }
};

if (process.argv[1] === import.meta.filename) {
  const [work = 'whole', series = '10000', observations = '100000', windows = '1'] =
    process.argv.slice(2);
  console.table([
    await wholeLoopBench({
      work: workOf(work),
      series: Number(series),
      observations: Number(observations),
      windows: Number(windows),
    }),
  ]);
}
