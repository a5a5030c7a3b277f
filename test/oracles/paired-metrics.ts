// Metrics as they are defined, over lists of pairs: what runs adds up another way.
import { percentageError, ratio, skillOf, symmetricError } from '../../src/evaluation/metrics.ts';

/**
 * Matched actuals and forecasts, index by index; a pair with a missing side is excluded and
 * counted.
 */
export interface Pairs {
  readonly actual: Float64Array;
  readonly mean: Float64Array;
}

/** A metric with what it rests on: null where nothing can be said. */
export interface Metric {
  readonly value: number | null;
  /** Pairs that count. */
  readonly count: number;
  /** Pairs that the definition leaves out, or that miss a side. */
  readonly excluded: number;
}

type Visit = (actual: number, mean: number, index: number) => boolean;

/** Visits the pairs that have both sides; those for which `visit` says false are excluded too. */
const count = ({ actual, mean }: Pairs, visit: Visit): { count: number; excluded: number } => {
  let counted = 0;
  for (let index = 0; index < actual.length; index += 1) {
    const y = actual[index] as number;
    const f = mean[index] as number;
    if (Number.isFinite(y) && Number.isFinite(f) && visit(y, f, index)) counted += 1;
  }
  return { count: counted, excluded: actual.length - counted };
};

/** Mean of a pair's loss over the pairs for which it is finite. */
const averaged = (pairs: Pairs, loss: (...pair: Parameters<Visit>) => number): Metric => {
  let sum = 0;
  const counts = count(pairs, (actual, mean, index) => {
    const value = loss(actual, mean, index);
    if (!Number.isFinite(value)) return false;
    sum += value;
    return true;
  });
  return { value: ratio(sum, counts.count), ...counts };
};

/** A ratio of two sums over all pairs. */
const pooled = (
  pairs: Pairs,
  numerator: (actual: number, mean: number) => number,
  denominator: (actual: number) => number,
): Metric => {
  let above = 0;
  let below = 0;
  const counts = count(pairs, (actual, mean) => {
    above += numerator(actual, mean);
    below += denominator(actual);
    return true;
  });
  return { value: ratio(above, below), ...counts };
};

export const mae = (pairs: Pairs): Metric => averaged(pairs, (y, f) => Math.abs(y - f));

export const rmse = (pairs: Pairs): Metric => root(averaged(pairs, (y, f) => (y - f) ** 2));

/** Σ|y − f| / Σ|y|: the large series decide. */
export const wape = (pairs: Pairs): Metric =>
  pooled(
    pairs,
    (y, f) => Math.abs(y - f),
    (y) => Math.abs(y),
  );

/** Percent, over actuals that are not 0. */
export const mape = (pairs: Pairs): Metric => averaged(pairs, percentageError);

/** Percent, 0..200: M4's definition, twice that of several libraries. */
export const smape = (pairs: Pairs): Metric => averaged(pairs, symmetricError);

/** Σ(f − y) / Σ|y|: positive where forecasts are too high. */
export const bias = (pairs: Pairs): Metric =>
  pooled(
    pairs,
    (y, f) => f - y,
    (y) => Math.abs(y),
  );

/**
 * Mean |y − f| / scale, where a pair's scale is the mean |seasonal difference| up to its origin;
 * pairs without one are excluded. Of one series: average the values of several.
 * @see Hyndman and Koehler, Another look at measures of forecast accuracy (2006)
 */
export const mase = (pairs: Pairs, scales: Float64Array): Metric =>
  averaged(pairs, (y, f, index) => scaled(Math.abs(y - f), scales[index] as number));

/**
 * √ of mean (y − f)² / mean squared in-sample difference; the lag of the difference is the caller's
 * choice.
 */
export const rmsse = (pairs: Pairs, squaredScales: Float64Array): Metric =>
  root(averaged(pairs, (y, f, index) => scaled((y - f) ** 2, squaredScales[index] as number)));

/** RMSE / standard deviation of the actuals. */
export const nrmse = (pairs: Pairs): Metric => {
  const error = rmse(pairs);
  const centre = averaged(pairs, (y) => y).value ?? 0;
  const spread = root(averaged(pairs, (y) => (y - centre) ** 2)).value ?? 0;
  return { ...error, value: error.value === null ? null : ratio(error.value, spread) };
};

/** 1 − WAPE / WAPE of a naive opponent on the same pairs; above 0 is better than it. */
export const skill = (pairs: Pairs, opponent: Float64Array): Metric => {
  let errors = 0;
  let others = 0;
  const counts = count(pairs, (actual, mean, index) => {
    const other = opponent[index] as number;
    if (!Number.isFinite(other)) return false;
    errors += Math.abs(actual - mean);
    others += Math.abs(actual - other);
    return true;
  });
  return { value: skillOf(errors, others), ...counts };
};

const scaled = (error: number, scale: number): number => (scale > 0 ? error / scale : Number.NaN);

const root = (metric: Metric): Metric => ({
  ...metric,
  value: metric.value === null ? null : Math.sqrt(metric.value),
});
