// Hot file: indices are in range by construction (slots × buckets × bins), so typed-array reads are
// narrowed with `as number`.
import { slotOf } from '../features/series-window.ts';
import { PROFILE_LEVELS, type ErrorProfile } from '../models/error-profile.ts';
import {
  bucketsOfSteps,
  intervalSlots,
  calibrationBuckets,
} from '../models/calibration-buckets.ts';
import type { FeatureSchema } from '../schemas/feature-schema.ts';

/** Errors are counted in bins of a twelfth of an octave, so a quantile is within 3 %. */
const BINS_AN_OCTAVE = 12;
const LEAST = 2 ** -12;
/**
 * And none counts for more than so many scales, else a series that was still and wakes, with next
 * to no scale, would say where the intervals of all others begin.
 */
const GREATEST = 2 ** 5;
const BINS = BINS_AN_OCTAVE * (Math.log2(GREATEST) - Math.log2(LEAST));
/** How many errors of its own a slot's σ gives away to the mean of all slots. */
const SHRINKAGE = 4;
/** No σ is below this share of the mean error, or below what can be counted. */
const FLOOR_SHARE = 0.05;

const binOf = (error: number): number => {
  const bin = Math.floor(BINS_AN_OCTAVE * Math.log2(error / LEAST));
  return Math.min(BINS - 1, Math.max(0, bin));
};

/** The middle of a bin, by its logarithm. */
const errorOf = (bin: number): number => LEAST * 2 ** ((bin + 0.5) / BINS_AN_OCTAVE);

/**
 * Errors of a model by slot of the target and bucket of the step, counted in bins: however many
 * there are, and in whatever order they come.
 */
export class ErrorSpread {
  private readonly buckets: readonly number[];
  private readonly slots: number;
  private readonly bucketOf: Int32Array;
  private readonly bins: Uint32Array;
  /** Slots × buckets. */
  private readonly sums: Float64Array;
  private readonly counts: Float64Array;

  constructor({ seasons, horizon }: Pick<FeatureSchema, 'seasons' | 'horizon'>) {
    this.buckets = calibrationBuckets(seasons[0] ?? 1, horizon);
    this.slots = intervalSlots(seasons);
    this.bucketOf = bucketsOfSteps(this.buckets);
    const cells = this.slots * this.buckets.length;
    this.bins = new Uint32Array(cells * BINS);
    this.sums = new Float64Array(cells);
    this.counts = new Float64Array(cells);
  }

  /** `error`: |actual − mean| of a step, in units of the series' scale. */
  add(target: number, step: number, error: number): void {
    const cell = slotOf(target, this.slots) * this.buckets.length + (this.bucketOf[step] as number);
    const at = cell * BINS + binOf(error);
    this.bins[at] = (this.bins[at] as number) + 1;
    this.sums[cell] = (this.sums[cell] as number) + Math.min(GREATEST, error);
    this.counts[cell] = (this.counts[cell] as number) + 1;
  }

  /** Undefined where a bucket has no error. */
  profile(): ErrorProfile | undefined {
    const { buckets, slots } = this;
    const columns = buckets.map((_, bucket) => this.sigmaOf(bucket));
    if (columns.some((column) => column === undefined)) return undefined;
    return {
      buckets,
      levels: PROFILE_LEVELS,
      quantiles: columns.map((sigma = [], bucket) => this.quantilesOf(bucket, sigma)),
      sigma: Array.from({ length: slots }, (_, slot) =>
        columns.map((column) => column?.[slot] ?? 0),
      ),
    };
  }

  /** By slot: its mean error, drawn towards that of all slots. */
  private sigmaOf(bucket: number): readonly number[] | undefined {
    const cells = this.cellsOf(bucket);
    const total = (values: Float64Array): number =>
      cells.reduce((sum, cell) => sum + (values[cell] as number), 0);
    if (total(this.counts) === 0) return undefined;
    const mean = total(this.sums) / total(this.counts);
    const floor = Math.max(FLOOR_SHARE * mean, LEAST);
    return cells.map((cell) => {
      const shrunk = (this.sums[cell] as number) + SHRINKAGE * mean;
      return Math.max(floor, shrunk / ((this.counts[cell] as number) + SHRINKAGE));
    });
  }

  private quantilesOf(bucket: number, sigma: readonly number[]): readonly number[] {
    const scores: (readonly [score: number, count: number])[] = [];
    let total = 0;
    for (const [slot, cell] of this.cellsOf(bucket).entries()) {
      for (let bin = 0; bin < BINS; bin += 1) {
        const count = this.bins[cell * BINS + bin] as number;
        if (count > 0) scores.push([errorOf(bin) / (sigma[slot] as number), count]);
        total += count;
      }
    }
    scores.sort(([one], [other]) => one - other);
    return PROFILE_LEVELS.map((level) => scoreAt(scores, (level / 100) * total));
  }

  private cellsOf(bucket: number): readonly number[] {
    return Array.from({ length: this.slots }, (_, slot) => slot * this.buckets.length + bucket);
  }
}

/** The least score that so many do not exceed. */
const scoreAt = (
  scores: readonly (readonly [score: number, count: number])[],
  wanted: number,
): number => {
  let passed = 0;
  for (const [score, count] of scores) {
    passed += count;
    if (passed >= wanted) return score;
  }
  return scores.at(-1)?.[0] ?? 0;
};
