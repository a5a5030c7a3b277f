// Hot file: indices are in range by construction (positions are taken modulo the length), so
// typed-array reads are narrowed with `as number`.
import { assert } from '../core/assert.ts';
import { seededRandom } from '../core/random.ts';
import { studentTail } from '../core/student-t.ts';

const DRAWS = 2_000;
/** The share of draws that may fall below what is called the bootstrap's lower end. */
const LOWER_SHARE = 0.05;
/** Fewer targets than so many horizons share too many errors for their variance to be known. */
const HORIZONS_MIN = 2;
/** Longer blocks would be little else than the sample itself, turned round. */
const BLOCKS_MIN = 3;

export interface PairedTestOptions {
  /** Steps ahead that the losses speak of; neighbouring ones share so many errors. */
  readonly horizon: number;
  /** Short season, then the long one if there is one, in periods. */
  readonly seasons: readonly number[];
  /** Of the bootstrap: the request's id, so that the same request draws the same blocks. */
  readonly seed: string;
}

/** Whether a mean difference of losses is more than chance; every number that led there. */
export interface PairedTest {
  readonly count: number;
  readonly meanDifference: number;
  /** Autocovariances that went into the variance. */
  readonly lags: number;
  readonly statistic: number;
  /** One-sided: chance of such a statistic if neither were better; 1 of too few differences. */
  readonly pValue: number;
  readonly blockLength: number;
  /** 5th percentile of the mean difference over the bootstrap's draws. */
  readonly bootstrapLower: number;
}

/** Targets below which nothing can be said of models that look so far ahead. */
export const comparableFrom = (horizon: number): number => HORIZONS_MIN * horizon;

/**
 * Tests whether losses are lower than a rival's, from d_t = L_rival − L_candidate, one value a
 * target time. Diebold–Mariano with Bartlett's HAC variance and the small-sample correction of
 * Harvey, Leybourne and Newbold; beside it a circular block bootstrap.
 * @see Diebold and Mariano, Comparing Predictive Accuracy (1995); Harvey, Leybourne and Newbold
 * (1997)
 * @see Politis and Romano, A circular block-resampling procedure for stationary data (1992)
 */
export const pairedTest = (differences: Float64Array, options: PairedTestOptions): PairedTest => {
  const count = differences.length;
  assert(count > 0, 'nothing to compare');
  const { horizon } = options;
  const meanDifference = meanOf(differences);
  const wanted = Math.max(horizon - 1, Math.floor(4 * (count / 100) ** (2 / 9)));
  const lags = Math.min(wanted, count - 1);
  const variance = hacVariance(differences, meanDifference, lags);
  // Below half a horizon it would be above 1, and make a statistic larger than it is.
  const correction = Math.min(
    1,
    Math.max(0, (count + 1 - 2 * horizon + (horizon * (horizon - 1)) / count) / count),
  );
  const statistic = standardised(meanDifference, variance / count) * Math.sqrt(correction);
  const longest = Math.max(1, Math.floor(count / BLOCKS_MIN));
  const blockLength = Math.min(longest, blockOf(count, options));
  const isComparable = count > 1 && count >= comparableFrom(horizon);
  return {
    count,
    meanDifference,
    lags,
    statistic,
    pValue: isComparable ? studentTail(statistic, count - 1) : 1,
    blockLength,
    bootstrapLower: bootstrapLower(differences, blockLength, options.seed),
  };
};

/** Differences that never vary are as certain as can be, in large but finite numbers. */
const standardised = (mean: number, variance: number): number =>
  variance > 0 ? mean / Math.sqrt(variance) : Math.sign(mean) * Number.MAX_SAFE_INTEGER;

const meanOf = (values: Float64Array): number => {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
};

const hacVariance = (values: Float64Array, mean: number, lags: number): number => {
  const count = values.length;
  let variance = 0;
  for (let lag = 0; lag <= lags; lag += 1) {
    let sum = 0;
    for (let index = lag; index < count; index += 1) {
      sum += ((values[index] as number) - mean) * ((values[index - lag] as number) - mean);
    }
    const weight = lag === 0 ? 1 : 2 * (1 - lag / (lags + 1));
    variance += (weight * sum) / count;
  }
  return variance;
};

/** A whole long season where there are ten of them, else what one forecast spans. */
const blockOf = (count: number, { horizon, seasons }: PairedTestOptions): number => {
  const [short = 1, long] = seasons;
  return long !== undefined && count >= 10 * long ? long : Math.max(short, horizon);
};

const bootstrapLower = (values: Float64Array, block: number, seed: string): number => {
  const count = values.length;
  const random = seededRandom(seed);
  const sums = new Float64Array(2 * count + 1);
  for (let index = 0; index < 2 * count; index += 1) {
    sums[index + 1] = (sums[index] as number) + (values[index % count] as number);
  }
  const means = new Float64Array(DRAWS);
  for (let draw = 0; draw < DRAWS; draw += 1) {
    let sum = 0;
    for (let drawn = 0; drawn < count; drawn += block) {
      const start = random.int(count);
      const length = Math.min(block, count - drawn);
      sum += (sums[start + length] as number) - (sums[start] as number);
    }
    means[draw] = sum / count;
  }
  means.sort();
  return means[Math.floor(LOWER_SHARE * DRAWS)] as number;
};
