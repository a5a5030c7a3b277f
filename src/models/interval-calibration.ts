import { assert } from '../core/assert.ts';
import type { IntervalShape } from './interval-shape.ts';
import type { IntervalStart } from './interval-start.ts';
import { isCovered, type MaturedForecasts } from './matured-forecasts.ts';
import { quantileRules, type QuantileRule } from './quantile-rules.ts';
import { bucketsOfSteps, calibrationBuckets } from './calibration-buckets.ts';

// Hot file: all indices are counted by the shape, so typed-array reads are narrowed (`as number`).

/**
 * More, and hours that a cold start takes for far too uncertain stay so for weeks, at the cost of
 * the others: they share a controller.
 */
const COLD_WEIGHT = 1;
/**
 * What σ counts for when another model speaks of whose errors nothing is known: less than usual,
 * since how sure the one before was says little of it.
 */
const OTHER_WEIGHT = 4;
const SIGMA_MIN = 1e-9;
const SIGMA_RATE = { slotted: 0.05, pooled: 0.1 };
const GAIN = { slotted: 0.05, pooled: 0.1 };
/** An error moves σ by no more than if it were this many σ. */
const SIGMA_JUMP_MAX = 8;
/** σ of a slot never falls below this share of the mean error over all slots. */
const SIGMA_FLOOR_SHARE = 0.05;
const MEAN_ERROR_RATE = 0.01;
/**
 * Mean |error| of a forecast as a share of the mean seasonal difference, before anything is known.
 */
const COLD_ERROR_SHARE = 0.8;
const coldError = (unit: number): number => Math.max(COLD_ERROR_SHARE * unit, SIGMA_MIN);

/**
 * Interval half widths q·σ of one series, where σ[slot of the target, bucket of the step] follows
 * the mean absolute error and q[bucket, level] is moved by a P-controller, or by what `rule` says,
 * so that the share of misses comes to 1 − level. One update an actual and bucket, by the mean over
 * its steps: updating once a step would count the same surprise many times.
 *
 * The state is the caller's, `words` float64 from `at`: mean |error| a bucket; q a bucket and
 * level; the q that the controller started from, likewise; then a row a slot: how many targets it
 * counts, and its σ, one a bucket. All zero means not started.
 * @see src/models/quantile-rules.ts
 */
export class IntervalCalibration {
  readonly levels: readonly number[];
  readonly horizon: number;
  readonly slots: number;
  readonly buckets: number;
  readonly words: number;
  /** Words at the head of the state that every update changes: mean |error|, and q. */
  readonly movingWords: number;
  /** Words before the first slot's σ. */
  readonly sharedWords: number;
  private readonly bucketOf: Int32Array;
  private readonly rate: number;
  private readonly coldWeight: number;
  private readonly rules: readonly QuantileRule[];
  private readonly misses: Float64Array;
  private readonly errorSums: Float64Array;
  private readonly counts: Int32Array;
  private state: Float64Array = new Float64Array(0);
  private at = 0;

  constructor({ season, horizon, levels, slots, ...options }: IntervalShape) {
    assert(slots > 0 && horizon > 0, 'an interval needs a slot and a step');
    const kind = slots > 1 ? 'slotted' : 'pooled';
    const edges = calibrationBuckets(season, horizon);
    this.levels = levels;
    this.horizon = horizon;
    this.slots = slots;
    this.buckets = edges.length;
    this.movingWords = edges.length * (1 + levels.length);
    this.sharedWords = this.movingWords + edges.length * levels.length;
    this.words = this.sharedWords + slots * (1 + edges.length);
    this.bucketOf = bucketsOfSteps(edges);
    const { rule = 'p-control', gain = GAIN[kind] } = options;
    this.rate = options.sigmaRate ?? SIGMA_RATE[kind];
    this.coldWeight = options.coldWeight ?? COLD_WEIGHT;
    this.rules = quantileRules(levels, { rule, gain });
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

  /** First word of a slot's row, from the start of the state; 1 + `buckets` words. */
  slotWord(slot: number): number {
    return this.sharedWords + slot * (1 + this.buckets);
  }

  /**
   * Begins without any error seen, as if errors were exponential with a mean of .8 × the unit of
   * the series.
   */
  startCold(unit: number): void {
    const { state, at, buckets, levels } = this;
    const error = coldError(unit);
    state.fill(error, at, at + buckets);
    state.fill(error, at + this.sharedWords, at + this.words);
    this.countSlots(this.coldWeight);
    for (let bucket = 0; bucket < buckets; bucket += 1) {
      for (let level = 0; level < levels.length; level += 1) {
        this.startAt(bucket, level, -Math.log(1 - (levels[level] as number) / 100));
      }
    }
  }

  /**
   * Takes another unit, as more is known of a young series: for all while one target at most has
   * been learned from, else for the slots of which none was.
   */
  renewCold(unit: number): void {
    const { state, at, buckets, slots } = this;
    const error = coldError(unit);
    if (this.learned() <= 1) this.startCold(unit);
    for (let slot = 0; slot < slots; slot += 1) {
      const index = at + this.slotWord(slot);
      if (state[index] !== this.coldWeight) continue;
      state.fill(error, index + 1, index + 1 + buckets);
      state.fill(error, at, at + buckets);
    }
  }

  /** How many targets σ has followed since a cold start. */
  private learned(): number {
    let count = -this.slots * this.coldWeight;
    for (let slot = 0; slot < this.slots; slot += 1) {
      count += this.state[this.at + this.slotWord(slot)] as number;
    }
    return count;
  }

  /** Begins from what is known of errors, in units of `unit`. */
  startFrom(start: IntervalStart, unit = 1): void {
    this.mix(start, unit, 1);
  }

  /**
   * Another model speaks from now on, of whose errors something is known: intervals go on half from
   * there, and half from what this series' errors were.
   */
  meet(start: IntervalStart, unit: number): void {
    this.mix(start, unit, 0.5);
  }

  /**
   * Another model speaks from now on: σ follows its first errors sooner. Where the one before was
   * never wrong, as a naive forecast of nights without an event is, σ would stay next to nothing
   * for weeks.
   */
  restart(): void {
    const { state, at } = this;
    for (let slot = 0; slot < this.slots; slot += 1) {
      const index = at + this.slotWord(slot);
      state[index] = Math.min(state[index] as number, OTHER_WEIGHT);
    }
  }

  /** Half width of the interval of a step whose target lies in `slot`, before it is clipped. */
  half(step: number, slot: number, level: number): number {
    const bucket = this.bucketOf[step] as number;
    const q = this.state[this.quantileIndex(bucket, level)] as number;
    return q * (this.state[this.sigmaIndex(slot, bucket)] as number);
  }

  /**
   * Half widths of every step, level by level, where the first step's target lies in `firstSlot`
   * and each next one in the next slot.
   */
  halves(firstSlot: number, out: Float32Array): void {
    const { state, at, buckets, bucketOf, horizon } = this;
    const levels = this.levels.length;
    let slot = firstSlot;
    for (let step = 1; step <= horizon; step += 1) {
      const bucket = bucketOf[step] as number;
      const sigma = state[this.sigmaIndex(slot, bucket)] as number;
      const from = at + buckets + bucket * levels;
      for (let level = 0; level < levels; level += 1) {
        out[(step - 1) * levels + level] = (state[from + level] as number) * sigma;
      }
      slot = slot + 1 === this.slots ? 0 : slot + 1;
    }
  }

  /** Learns from the actual of a target, before the next forecast is issued. */
  learn(actual: number, slot: number, matured: MaturedForecasts): void {
    this.gather(actual, matured);
    const index = this.at + this.slotWord(slot);
    const seen = this.state[index] as number;
    const rate = Math.max(this.rate, 1 / (seen + 1));
    this.state[index] = seen + 1;
    for (let bucket = 0; bucket < this.buckets; bucket += 1) {
      const count = this.counts[bucket] as number;
      if (count === 0) continue;
      this.moveQuantiles(bucket, count);
      const error = (this.errorSums[bucket] as number) / count;
      this.moveSigma(this.sigmaIndex(slot, bucket), bucket, { error, rate });
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
    const { state, rules } = this;
    let narrower = 0;
    for (let level = 0; level < rules.length; level += 1) {
      const index = this.quantileIndex(bucket, level);
      const start = state[index + this.buckets * rules.length] as number;
      const missed = (this.misses[bucket * rules.length + level] as number) / count;
      const moved = (rules[level] as QuantileRule)(state[index] as number, start, missed);
      // A wider level is never narrower than the one inside it.
      narrower = Math.max(narrower, moved);
      state[index] = narrower;
    }
  }

  private moveSigma(
    index: number,
    bucket: number,
    { error, rate }: { readonly error: number; readonly rate: number },
  ): void {
    const { state, at } = this;
    const meanError = state[at + bucket] as number;
    const nextMean = meanError + MEAN_ERROR_RATE * (error - meanError);
    state[at + bucket] = nextMean;
    const sigma = state[index] as number;
    const moved = sigma + rate * (Math.min(error, SIGMA_JUMP_MAX * sigma) - sigma);
    state[index] = Math.max(moved, SIGMA_FLOOR_SHARE * nextMean, SIGMA_MIN);
  }

  private mix({ meanError, sigma, quantiles }: IntervalStart, unit: number, share: number): void {
    const { state, at, buckets, levels, slots } = this;
    const move = (index: number, towards: number): void => {
      state[index] = (1 - share) * (state[index] as number) + share * towards;
    };
    for (let bucket = 0; bucket < buckets; bucket += 1) {
      move(at + bucket, Math.max(meanError * unit, SIGMA_MIN));
      for (let slot = 0; slot < slots; slot += 1) {
        const towards = (sigma[slot * buckets + bucket] as number) * unit;
        move(this.sigmaIndex(slot, bucket), Math.max(towards, SIGMA_MIN));
      }
      for (let level = 0; level < levels.length; level += 1) {
        const index = this.quantileIndex(bucket, level);
        const towards = quantiles[bucket * levels.length + level] as number;
        move(index, towards);
        move(index + buckets * levels.length, towards);
      }
    }
    this.countSlots(1 / this.rate);
  }

  private countSlots(seen: number): void {
    for (let slot = 0; slot < this.slots; slot += 1) {
      this.state[this.at + this.slotWord(slot)] = seen;
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
    return this.at + this.slotWord(slot) + 1 + bucket;
  }
}
