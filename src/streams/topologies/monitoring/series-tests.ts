import type { Frequency } from '../../../core/frequency.ts';
import type { DriftWindows } from '../../../drift/drift-windows.ts';
import { referenceIndependence, shiftTest, type ShiftTest } from '../../../drift/shift-test.ts';
import type { ModelRef } from '../../../schemas/forecast.ts';
import type { SeriesStatistic } from '../../../schemas/partial.ts';
import type { SlabRow } from '../../../state/slab.ts';
import type { ErrorRings } from './error-rings.ts';

export interface SeriesTestOptions {
  readonly rings: ErrorRings;
  readonly periods: Frequency;
  readonly windows: DriftWindows;
  readonly partition: number;
  readonly modelOf: (serial: number) => ModelRef | undefined;
}

/** The periods of one test: reference [referenceFrom, recentFrom), recent [recentFrom, to). */
interface Spans {
  readonly referenceFrom: number;
  readonly recentFrom: number;
  readonly to: number;
}

const DETECTOR = 'ks';

/** Whole units of the reference that a model has had by then; undefined: too few. */
const spansOf = (start: number, to: number, windows: DriftWindows): Spans | undefined => {
  const { unit, referenceUnits, referenceUnitsMin, recentUnits } = windows;
  const recentFrom = to - recentUnits * unit;
  const units = Math.min(referenceUnits, Math.floor((recentFrom - start) / unit));
  if (units < referenceUnitsMin) return undefined;
  return { referenceFrom: recentFrom - units * unit, recentFrom, to };
};

/** A window says nothing when half of it is missing. */
const isFull = (values: Float64Array): boolean => {
  let present = 0;
  for (const value of values) if (!Number.isNaN(value)) present += 1;
  return present * 2 > values.length;
};

/** Tests every series of a partition at a tick (epoch ms, end of a day), in order of their ids. */
export function* seriesTests(tick: number, options: SeriesTestOptions): Generator<SeriesStatistic> {
  const { rings, periods } = options;
  const to = periods.periodOf(tick - 1) + 1;
  for (const seriesId of rings.inOrder()) {
    const row = rings.find(seriesId);
    if (row === undefined) continue;
    const model = options.modelOf(rings.serialOf(row));
    const spans = spansOf(rings.startOf(row), to, options.windows);
    if (model === undefined || spans === undefined) continue;
    const test = testSeries(row, spans, options);
    if (test !== undefined) yield statisticOf({ seriesId, tick, model, spans, test }, options);
  }
}

const testSeries = (
  row: SlabRow,
  { referenceFrom, recentFrom, to }: Spans,
  { rings, windows }: SeriesTestOptions,
): ShiftTest | undefined => {
  const reference = rings.read(row, referenceFrom, recentFrom);
  const recent = rings.read(row, recentFrom, to);
  if (!isFull(reference) || !isFull(recent)) return undefined;
  // What a value is worth changes slowly and costs most of a test: it is found once a unit.
  const unit = Math.floor(to / windows.unit);
  let worth = rings.worthAt(row, unit);
  if (worth === undefined) {
    worth = referenceIndependence(reference, windows.season);
    rings.keepWorth(row, unit, worth);
  }
  return shiftTest(reference, recent, worth);
};

interface Tested {
  readonly seriesId: string;
  readonly tick: number;
  readonly model: ModelRef;
  readonly spans: Spans;
  readonly test: ShiftTest;
}

const statisticOf = (
  { seriesId, tick, model, spans, test }: Tested,
  { periods, partition }: SeriesTestOptions,
): SeriesStatistic => ({
  type: 'SeriesStatistic',
  model: model.name,
  version: model.version,
  sha256: model.sha256,
  seriesId,
  tick,
  partition,
  detector: DETECTOR,
  statistic: test.statistic,
  pValue: test.pValue,
  effectSize: test.effectSize,
  referenceCount: test.reference.count,
  recentCount: test.recent.count,
  effectiveSize: test.effectiveSize,
  referenceStart: periods.startOf(spans.referenceFrom),
  recentStart: periods.startOf(spans.recentFrom),
  referenceMean: test.reference.mean,
  recentMean: test.recent.mean,
  referenceLoss: test.reference.loss,
  recentLoss: test.recent.loss,
  lossPValue: test.lossPValue,
});
