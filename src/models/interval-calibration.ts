import { assert } from '../core/assert.ts';
import { sortedQuantile } from './quantile.ts';
import { stepBuckets } from './step-buckets.ts';

// Hot file: indices are in range by construction (buckets, levels and slots are counted by the
// shape, steps are 1..horizon), so typed-array reads are narrowed with `as number`.

export interface IntervalShape {
  /** Short season in periods: steps are bucketed by it. */
  readonly season: number;
  readonly horizon: number;
  /** Percent, ascending: [80, 95]. */
  readonly levels: readonly number[];
  /**
   * Distinct slots of a target, the season's length where errors differ by slot; 1 to pool them.
   */
  readonly slots: number;
  /** Share by which σ moves towards each new error. */
  readonly sigmaRate?: number;
  /** Gain of the controller, as a share of the quantile that it started from. */
  readonly gain?: number;
}

/**
 * Forecasts of one target that wait for its actual, as they were issued; made once and refilled.
 */
export interface MaturedForecasts {
  count: number;
  /** 1..horizon, ascending. */
  readonly steps: Int32Array;
  readonly means: Float64Array;
  /** Bounds as issued, clipped: index × levels + level. */
  readonly lower: Float64Array;
  readonly upper: Float64Array;
}

/** Absolute errors of matured backtest forecasts: one row of `horizon` a target. */
export interface CalibrationErrors {
  readonly count: number;
  readonly errors: Float64Array;
  /** Slot of each target. */
  readonly slots: Int32Array;
}

const SIGMA_RATE = { slotted: 0.05, pooled: 0.1 };
const GAIN = { slotted: 0.05, pooled: 0.1 };
/** An error moves σ by no more than if it were this many σ. */
const SIGMA_JUMP_MAX = 8;
/** σ of a slot never falls below this share of the mean error over all slots. */
const SIGMA_FLOOR_SHARE = 0.05;
const SIGMA_MIN = 1e-9;
const MEAN_ERROR_RATE = 0.01;
/** How many targets of its own a slot's first σ gives away to the mean of all slots. */
const SHRINKAGE = 2;
/**
 * A start below would stop the controller for series that never move; one above lets a lone outlier
 * set the pace.
 */
const QUANTILE_MIN = 0.5;
const QUANTILE_MAX = 20;
/**
 * Mean |error| of a forecast as a share of the mean seasonal difference, before anything is known.
 */
const COLD_ERROR_SHARE = 0.8;

/** Inside, bounds included; compared in float32, the precision in which bounds are published. */
export const isCovered = (actual: number, lower: number, upper: number): boolean => {
  const value = Math.fround(actual);
  return value >= Math.fround(lower) && value <= Math.fround(upper);
};

export const maturedForecasts = (horizon: number, levelCount: number): MaturedForecasts => ({
  count: 0,
  steps: new Int32Array(horizon),
  means: new Float64Array(horizon),
  lower: new Float64Array(horizon * levelCount),
  upper: new Float64Array(horizon * levelCount),
});

/**
 * Interval half widths q·σ of one series, where σ[slot of the target, bucket of the step] follows
 * the mean absolute error and q[bucket, level] is moved by a P-controller so that the share of
 * misses comes to 1 − level. One update an actual and bucket, by the mean over its steps: updating
 * once a step would count the same surprise many times.
 *
 * The state is the caller's, `words` float64 from `at`: mean |error| a bucket; q a bucket and
 * level; the q that the controller started from, likewise; then σ, one row of buckets a slot. All
 * zero means not started.
 * @see Angelopoulos, Candès, Tibshirani, Conformal PID Control for Time Series Prediction (2023)
 */
export class IntervalCalibration {
  readonly levels: readonly number[];
  readonly horizon: number;
  readonly slots: number;
  readonly buckets: number;
  readonly words: number;
  /** Words before the first slot's σ; every update changes some of them. */
  readonly sharedWords: number;
  private readonly bucketOf: Int32Array;
  private readonly rate: number;
  private readonly gain: number;
  private readonly misses: Float64Array;
  private readonly errorSums: Float64Array;
  private readonly counts: Int32Array;
  private state: Float64Array = new Float64Array(0);
  private at = 0;

  constructor({ season, horizon, levels, slots, sigmaRate, gain }: IntervalShape) {
    assert(slots > 0 && horizon > 0, 'an interval needs a slot and a step');
    const kind = slots > 1 ? 'slotted' : 'pooled';
    const edges = stepBuckets(season, horizon);
    this.levels = levels;
    this.horizon = horizon;
    this.slots = slots;
    this.buckets = edges.length;
    this.sharedWords = edges.length * (1 + 2 * levels.length);
    this.words = this.sharedWords + slots * edges.length;
    this.bucketOf = Int32Array.from({ length: horizon + 1 }, (_, step) =>
      edges.findIndex((edge) => step <= edge),
    );
    this.rate = sigmaRate ?? SIGMA_RATE[kind];
    this.gain = gain ?? GAIN[kind];
    this.misses = new Float64Array(edges.length * levels.length);
    this.errorSums = new Float64Array(edges.length);
    this.counts = new Int32Array(edges.length);
  }

  /** Moves to the state of another series. */
  seek(state: Float64Array, at = 0): this {
    assert(at >= 0 && at + this.words <= state.length, 'the state is shorter than its layout');
    this.state = state;
    this.at = at;
    return this;
  }

  get isStarted(): boolean {
    return (this.state[this.at + this.buckets * (1 + this.levels.length)] as number) > 0;
  }

  /** First word of a slot's σ, from the start of the state; `buckets` words. */
  slotWord(slot: number): number {
    return this.sharedWords + slot * this.buckets;
  }

  /**
   * Begins without any error seen, as if errors were exponential with a mean of .8 × the series'
   * scale.
   */
  startCold(scale: number): void {
    const { state, at, buckets, levels } = this;
    const error = Math.max(COLD_ERROR_SHARE * scale, SIGMA_MIN);
    state.fill(error, at, at + buckets);
    state.fill(error, at + this.sharedWords, at + this.words);
    for (let bucket = 0; bucket < buckets; bucket += 1) {
      for (let level = 0; level < levels.length; level += 1) {
        this.startAt(bucket, level, -Math.log(1 - (levels[level] as number) / 100));
      }
    }
  }

  /**
   * Begins from the errors of a backtest, type-7 quantiles of |error| / σ. Not for the hot path: it
   * allocates.
   */
  startFrom({ count, errors, slots }: CalibrationErrors): void {
    assert(count > 0, 'nothing to calibrate from');
    const { state, at, buckets, levels, horizon } = this;
    const all = mean(errors.subarray(0, count * horizon));
    const floor = Math.max(SIGMA_FLOOR_SHARE * all, SIGMA_MIN);
    state.fill(all, at, at + buckets);
    for (let bucket = 0; bucket < buckets; bucket += 1) {
      const steps = stepsOf(this.bucketOf, bucket);
      this.startSigma({ count, errors, slots }, { bucket, steps, floor });
      const scores = new Float64Array(count * steps.length);
      for (let row = 0; row < count; row += 1) {
        const sigma = state[this.sigmaIndex(slots[row] as number, bucket)] as number;
        for (const [index, step] of steps.entries()) {
          scores[row * steps.length + index] = (errors[row * horizon + step - 1] as number) / sigma;
        }
      }
      scores.sort();
      for (let level = 0; level < levels.length; level += 1) {
        const start = sortedQuantile(scores, (levels[level] as number) / 100);
        this.startAt(bucket, level, Math.min(QUANTILE_MAX, Math.max(QUANTILE_MIN, start)));
      }
    }
  }

  /** Half width of the interval of a step whose target lies in `slot`, before it is clipped. */
  half(step: number, slot: number, level: number): number {
    const bucket = this.bucketOf[step] as number;
    const q = this.state[this.quantileIndex(bucket, level)] as number;
    return q * (this.state[this.sigmaIndex(slot, bucket)] as number);
  }

  /** Learns from the actual of a target, before the next forecast is issued. */
  learn(actual: number, slot: number, matured: MaturedForecasts): void {
    this.gather(actual, matured);
    for (let bucket = 0; bucket < this.buckets; bucket += 1) {
      const count = this.counts[bucket] as number;
      if (count === 0) continue;
      this.moveQuantiles(bucket, count);
      this.moveSigma(bucket, slot, (this.errorSums[bucket] as number) / count);
    }
  }

  private gather(actual: number, { count, steps, means, lower, upper }: MaturedForecasts): void {
    const levels = this.levels.length;
    this.misses.fill(0);
    this.errorSums.fill(0);
    this.counts.fill(0);
    for (let index = 0; index < count; index += 1) {
      const bucket = this.bucketOf[steps[index] as number] as number;
      const error = Math.abs(actual - (means[index] as number));
      this.errorSums[bucket] = (this.errorSums[bucket] as number) + error;
      this.counts[bucket] = (this.counts[bucket] as number) + 1;
      for (let level = 0; level < levels; level += 1) {
        const bound = index * levels + level;
        if (isCovered(actual, lower[bound] as number, upper[bound] as number)) continue;
        const miss = bucket * levels + level;
        this.misses[miss] = (this.misses[miss] as number) + 1;
      }
    }
  }

  private moveQuantiles(bucket: number, count: number): void {
    const { state, levels } = this;
    let narrower = 0;
    for (let level = 0; level < levels.length; level += 1) {
      const index = this.quantileIndex(bucket, level);
      const pace = this.gain * (state[index + this.buckets * levels.length] as number);
      const missed = (this.misses[bucket * levels.length + level] as number) / count;
      const allowed = 1 - (levels[level] as number) / 100;
      // A wider level is never narrower than the one inside it.
      narrower = Math.max(narrower, (state[index] as number) + pace * (missed - allowed));
      state[index] = narrower;
    }
  }

  private moveSigma(bucket: number, slot: number, error: number): void {
    const { state, at } = this;
    const meanError = state[at + bucket] as number;
    const nextMean = meanError + MEAN_ERROR_RATE * (error - meanError);
    state[at + bucket] = nextMean;
    const index = this.sigmaIndex(slot, bucket);
    const sigma = state[index] as number;
    const moved = sigma + this.rate * (Math.min(error, SIGMA_JUMP_MAX * sigma) - sigma);
    state[index] = Math.max(moved, SIGMA_FLOOR_SHARE * nextMean, SIGMA_MIN);
  }

  private startSigma(
    { count, errors, slots }: CalibrationErrors,
    part: { readonly bucket: number; readonly steps: readonly number[]; readonly floor: number },
  ): void {
    const sums = new Float64Array(this.slots);
    const counts = new Int32Array(this.slots);
    let all = 0;
    for (let row = 0; row < count; row += 1) {
      const slot = slots[row] as number;
      let sum = 0;
      for (const step of part.steps) sum += errors[row * this.horizon + step - 1] as number;
      sums[slot] = (sums[slot] as number) + sum / part.steps.length;
      counts[slot] = (counts[slot] as number) + 1;
      all += sum / part.steps.length / count;
    }
    for (let slot = 0; slot < this.slots; slot += 1) {
      const shrunk =
        ((sums[slot] as number) + SHRINKAGE * all) / ((counts[slot] as number) + SHRINKAGE);
      this.state[this.sigmaIndex(slot, part.bucket)] = Math.max(shrunk, part.floor);
    }
  }

  private startAt(bucket: number, level: number, quantile: number): void {
    const index = this.quantileIndex(bucket, level);
    this.state[index] = quantile;
    this.state[index + this.buckets * this.levels.length] = quantile;
  }

  private quantileIndex(bucket: number, level: number): number {
    return this.at + this.buckets + bucket * this.levels.length + level;
  }

  private sigmaIndex(slot: number, bucket: number): number {
    return this.at + this.sharedWords + slot * this.buckets + bucket;
  }
}

const stepsOf = (bucketOf: Int32Array, bucket: number): readonly number[] =>
  [...bucketOf.keys()].filter((step) => step > 0 && bucketOf[step] === bucket);

const mean = (values: Float64Array): number => {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
};
