import { addExact, exactValue, type ExactSum } from '../core/exact-sum.ts';
import type { MetricValues } from '../schemas/accuracy.ts';
import type { ErrorSums } from '../schemas/partial.ts';
import { canonicalSum } from './two-word-sum.ts';
import { leastSkill, ratio, skillOf } from './metrics.ts';

/** Which levels and opponents the lists of an `ErrorSums` speak of, in their order. */
export interface SumsShape {
  /** Percent. */
  readonly levels: ArrayLike<number>;
  readonly naiveNames: readonly string[];
}

/** Adds sums of one shape. The result has the same bytes in whatever order they come. */
export const mergeSums = (all: readonly ErrorSums[], shape: SumsShape): ErrorSums => {
  const count = (of: (sums: ErrorSums) => number): number => {
    let total = 0;
    for (const sums of all) total += of(sums);
    return total;
  };
  const exact = (of: (sums: ErrorSums) => Float64Array | undefined): Float64Array => {
    const partials: ExactSum = [];
    for (const sums of all) for (const partial of of(sums) ?? []) addExact(partials, partial);
    return canonicalSum(partials);
  };
  const levels = Array.from(shape.levels, (_, level) => level);
  const naives = Array.from(shape.naiveNames, (_, naive) => naive);
  return {
    count: count((sums) => sums.count),
    excluded: count((sums) => sums.excluded),
    absoluteError: exact((sums) => sums.absoluteError),
    absoluteActual: exact((sums) => sums.absoluteActual),
    squaredError: exact((sums) => sums.squaredError),
    signedError: exact((sums) => sums.signedError),
    percentageError: exact((sums) => sums.percentageError),
    percentageCount: count((sums) => sums.percentageCount),
    symmetricError: exact((sums) => sums.symmetricError),
    scaledError: exact((sums) => sums.scaledError),
    scaledCount: count((sums) => sums.scaledCount),
    intervalCount: Float64Array.from(levels, (at) => count((sums) => sums.intervalCount[at] ?? 0)),
    covered: Float64Array.from(levels, (at) => count((sums) => sums.covered[at] ?? 0)),
    winkler: levels.map((at) => exact((sums) => sums.winkler[at])),
    width: levels.map((at) => exact((sums) => sums.width[at])),
    naiveAbsoluteError: naives.map((at) => exact((sums) => sums.naiveAbsoluteError[at])),
    naiveExcluded: Float64Array.from(naives, (at) => count((sums) => sums.naiveExcluded[at] ?? 0)),
    naiveExcludedError: naives.map((at) => exact((sums) => sums.naiveExcludedError[at])),
  };
};

const NOTHING = new Float64Array(0);

/**
 * The same sums as if they had been made for another shape: a level that they lack has no pairs,
 * and of an opponent that they lack every pair is excluded.
 */
export const reshapeSums = (sums: ErrorSums, from: SumsShape, to: SumsShape): ErrorSums => {
  const levels = Array.from(to.levels, (level) => Array.from(from.levels).indexOf(level));
  const naives = to.naiveNames.map((name) => from.naiveNames.indexOf(name));
  return {
    ...sums,
    intervalCount: Float64Array.from(levels, (at) => sums.intervalCount[at] ?? 0),
    covered: Float64Array.from(levels, (at) => sums.covered[at] ?? 0),
    winkler: levels.map((at) => sums.winkler[at] ?? NOTHING),
    width: levels.map((at) => sums.width[at] ?? NOTHING),
    naiveAbsoluteError: naives.map((at) => sums.naiveAbsoluteError[at] ?? NOTHING),
    naiveExcluded: Float64Array.from(naives, (at) => sums.naiveExcluded[at] ?? sums.count),
    naiveExcludedError: naives.map((at) => sums.naiveExcludedError[at] ?? sums.absoluteError),
  };
};

const difference = (minuend: Float64Array, subtrahend: Float64Array): number => {
  const partials: ExactSum = [];
  for (const partial of minuend) addExact(partials, partial);
  for (const partial of subtrahend) addExact(partials, -partial);
  return exactValue(partials);
};

const share = (sum: Float64Array | undefined, count: number, unit = 1): number | null =>
  sum === undefined || count === 0 ? null : (unit * exactValue(sum)) / count;

/**
 * What the sums say, by name: `wape`, `bias` and `skill…` as shares, `mape` and `smape` in percent,
 * `mae`, `rmse`, `winkler_…`, `width_…` and `pinball` in the unit of the series. Each metric that
 * leaves pairs out has their number under `<metric>_excluded`. `skill` is that against the best
 * opponent. Formulas as in `metrics.ts`.
 */
export const metricsOf = (sums: ErrorSums, shape: SumsShape): MetricValues => {
  const { count } = sums;
  const meanSquare = share(sums.squaredError, count);
  const actuals = exactValue(sums.absoluteActual);
  return {
    count,
    excluded: sums.excluded,
    mae: share(sums.absoluteError, count),
    rmse: meanSquare === null ? null : Math.sqrt(meanSquare),
    wape: ratio(exactValue(sums.absoluteError), actuals),
    bias: ratio(exactValue(sums.signedError), actuals),
    mape: share(sums.percentageError, sums.percentageCount, 100),
    mape_excluded: count - sums.percentageCount,
    smape: share(sums.symmetricError, count, 200),
    mase: share(sums.scaledError, sums.scaledCount),
    mase_excluded: count - sums.scaledCount,
    ...intervalValues(sums, shape),
    ...skillValues(sums, shape),
  };
};

/**
 * The two quantile losses of an interval add up to α/2 times its Winkler score; `pinball` is their
 * mean.
 */
const intervalValues = (sums: ErrorSums, { levels }: SumsShape): MetricValues => {
  const values: Record<string, number | null> = {};
  const losses: number[] = [];
  for (const [at, level] of Array.from(levels).entries()) {
    const count = sums.intervalCount[at] ?? 0;
    const winkler = share(sums.winkler[at], count);
    values[`coverage_${level}`] = ratio(sums.covered[at] ?? 0, count);
    values[`coverage_${level}_excluded`] = sums.count - count;
    values[`winkler_${level}`] = winkler;
    values[`width_${level}`] = share(sums.width[at], count);
    if (winkler !== null) losses.push((winkler * (1 - level / 100)) / 4);
  }
  const total = losses.reduce((sum, loss) => sum + loss, 0);
  return { ...values, pinball: ratio(total, losses.length) };
};

/** 1 − Σ|error| / Σ|opponent's error|, over the pairs that both have. */
const skillValues = (sums: ErrorSums, { naiveNames }: SumsShape): MetricValues => {
  const values: Record<string, number | null> = {};
  const skills: (number | null)[] = [];
  let isAnyPerfect = false;
  for (const [at, name] of naiveNames.entries()) {
    const own = difference(sums.absoluteError, sums.naiveExcludedError[at] ?? NOTHING);
    const skill = skillOf(own, exactValue(sums.naiveAbsoluteError[at] ?? NOTHING));
    const excluded = sums.naiveExcluded[at] ?? 0;
    values[`skill_vs_${name}`] = skill;
    values[`skill_vs_${name}_excluded`] = excluded;
    skills.push(skill);
    isAnyPerfect ||= skill === null && excluded < sums.count;
  }
  return { ...values, skill: leastSkill(skills, isAnyPerfect) };
};
