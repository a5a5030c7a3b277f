// Hot file: indices are in range by construction (rows × horizon, slots × buckets), so typed-array
// reads are narrowed with `as number`.
import { assert } from '../../src/core/assert.ts';
import { clipped, type IntervalStart } from '../../src/models/interval-start.ts';
import { sortedQuantile } from '../../src/models/quantile.ts';
import { calibrationBuckets } from '../../src/models/calibration-buckets.ts';

/** Absolute errors of matured backtest forecasts: one row of `horizon` a target. */
export interface CalibrationErrors {
  readonly count: number;
  readonly errors: Float64Array;
  /** Slot of each target. */
  readonly slots: Int32Array;
}

export interface StartShape {
  readonly season: number;
  readonly horizon: number;
  readonly slots: number;
  /** Percent. */
  readonly levels: readonly number[];
}

const SIGMA_MIN = 1e-9;
/** Share of the mean error below which no σ begins. */
const FLOOR_SHARE = 0.05;
/** How many targets of its own a slot's first σ gives away to the mean of all slots. */
const SHRINKAGE = 2;
/**
 * Where intervals begin: σ as mean errors by slot and bucket, q as type-7 quantiles of |error| / σ.
 */
export const intervalStart = (data: CalibrationErrors, shape: StartShape): IntervalStart => {
  const { levels, slots, horizon, season } = shape;
  const edges = calibrationBuckets(season, horizon);
  const buckets = edges.length;
  assert(data.count > 0, 'nothing to calibrate from');
  const meanError = mean(data.errors.subarray(0, data.count * horizon));
  const sigma = new Float64Array(slots * buckets);
  const quantiles = new Float64Array(buckets * levels.length);
  for (let bucket = 0; bucket < buckets; bucket += 1) {
    const steps = stepsOf(edges, bucket);
    const floor = Math.max(FLOOR_SHARE * meanError, SIGMA_MIN);
    const bySlot = slotErrors(data, shape, steps);
    for (let slot = 0; slot < slots; slot += 1) {
      sigma[slot * buckets + bucket] = Math.max(bySlot[slot] as number, floor);
    }
    const sigmaOf = (slot: number): number => sigma[slot * buckets + bucket] as number;
    const scores = sortedScores(data, { horizon, steps }, sigmaOf);
    for (const [level, percent] of levels.entries()) {
      quantiles[bucket * levels.length + level] = clipped(sortedQuantile(scores, percent / 100));
    }
  }
  return { meanError, sigma, quantiles };
};

/** Mean error of some steps by slot, drawn towards that of all slots. */
const slotErrors = (
  { count, errors, slots }: CalibrationErrors,
  shape: StartShape,
  steps: readonly number[],
): Float64Array => {
  const sums = new Float64Array(shape.slots);
  const counts = new Int32Array(shape.slots);
  let all = 0;
  for (let row = 0; row < count; row += 1) {
    const slot = slots[row] as number;
    let sum = 0;
    for (const step of steps) sum += errors[row * shape.horizon + step - 1] as number;
    sums[slot] = (sums[slot] as number) + sum / steps.length;
    counts[slot] = (counts[slot] as number) + 1;
    all += sum / steps.length / count;
  }
  return sums.map((sum, slot) => (sum + SHRINKAGE * all) / ((counts[slot] as number) + SHRINKAGE));
};

const sortedScores = (
  { count, errors, slots }: CalibrationErrors,
  { horizon, steps }: { readonly horizon: number; readonly steps: readonly number[] },
  sigmaOf: (slot: number) => number,
): Float64Array => {
  const scores = new Float64Array(count * steps.length);
  for (let row = 0; row < count; row += 1) {
    const sigma = sigmaOf(slots[row] as number);
    for (const [index, step] of steps.entries()) {
      scores[row * steps.length + index] = (errors[row * horizon + step - 1] as number) / sigma;
    }
  }
  return scores.sort();
};

const stepsOf = (edges: readonly number[], bucket: number): readonly number[] => {
  const [from, to] = [edges[bucket - 1] ?? 0, edges[bucket] ?? 0];
  return Array.from({ length: to - from }, (_, index) => from + 1 + index);
};

const mean = (values: Float64Array): number => {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
};
