// Hot file: indices are in range by construction (rows × horizon, slots × buckets), so typed-array
// reads are narrowed with `as number`.
import { assert } from '../core/assert.ts';
import { sortedQuantile } from './quantile.ts';

/** Absolute errors of matured backtest forecasts: one row of `horizon` a target. */
export interface CalibrationErrors {
  readonly count: number;
  readonly errors: Float64Array;
  /** Slot of each target. */
  readonly slots: Int32Array;
}

export interface StartShape {
  readonly horizon: number;
  readonly slots: number;
  readonly buckets: number;
  /** Bucket of each step, 1..horizon. */
  readonly bucketOf: Int32Array;
  /** Percent. */
  readonly levels: readonly number[];
  /** Share of the mean error below which no σ begins. */
  readonly floorShare: number;
}

export interface IntervalStart {
  readonly meanError: number;
  /** slots × buckets. */
  readonly sigma: Float64Array;
  /** buckets × levels. */
  readonly quantiles: Float64Array;
}

export const SIGMA_MIN = 1e-9;
/** How many targets of its own a slot's first σ gives away to the mean of all slots. */
const SHRINKAGE = 2;
/**
 * A start below would stop the controller for series that never move; one above lets a lone outlier
 * set the pace.
 */
const QUANTILE_MIN = 0.5;
const QUANTILE_MAX = 20;

/**
 * Where intervals begin: σ as mean errors by slot and bucket, q as type-7 quantiles of |error| / σ.
 */
export const intervalStart = (data: CalibrationErrors, shape: StartShape): IntervalStart => {
  const { buckets, levels, slots, horizon } = shape;
  assert(data.count > 0, 'nothing to calibrate from');
  const meanError = mean(data.errors.subarray(0, data.count * horizon));
  const sigma = new Float64Array(slots * buckets);
  const quantiles = new Float64Array(buckets * levels.length);
  for (let bucket = 0; bucket < buckets; bucket += 1) {
    const steps = stepsOf(shape.bucketOf, bucket);
    const floor = Math.max(shape.floorShare * meanError, SIGMA_MIN);
    const bySlot = slotErrors(data, shape, steps);
    for (let slot = 0; slot < slots; slot += 1) {
      sigma[slot * buckets + bucket] = Math.max(bySlot[slot] as number, floor);
    }
    const sigmaOf = (slot: number): number => sigma[slot * buckets + bucket] as number;
    const scores = sortedScores(data, { horizon, steps }, sigmaOf);
    for (const [level, percent] of levels.entries()) {
      const start = sortedQuantile(scores, percent / 100);
      const clipped = Math.min(QUANTILE_MAX, Math.max(QUANTILE_MIN, start));
      quantiles[bucket * levels.length + level] = clipped;
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

const stepsOf = (bucketOf: Int32Array, bucket: number): readonly number[] =>
  [...bucketOf.keys()].filter((step) => step > 0 && bucketOf[step] === bucket);

const mean = (values: Float64Array): number => {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
};
