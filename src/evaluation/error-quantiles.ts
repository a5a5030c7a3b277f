// Hot file: indices are in range by construction (errors are origins × horizon), so typed-array
// reads are narrowed with `as number`.
import { fadingQuantile, fadingScores } from './fading-scores.ts';

/** Errors of forecasts from earlier origins, the latest one last; NaN where not yet matured. */
export interface MaturedErrors {
  readonly horizon: number;
  readonly season: number;
  /** |actual − mean|, origins × horizon; of origins one short season apart. */
  readonly seasonal: Float64Array;
  /** Likewise, of origins one horizon apart, in whatever slots: for where the others are few. */
  readonly recent: Float64Array;
}

/**
 * Errors of the same step that are taken in, the latest ones; so many seasons where there are some.
 */
const SEASONS = 28;
const PERIODS_WITHOUT_SEASON = 40;
const RECENT = 40;
/** How many errors of its own a step's σ gives away to the mean of all steps. */
const SHRINKAGE = 4;
const SIGMA_MIN = 1e-9;
/** Errors below which their quantile says less than the series' scale does. */
const ERRORS_MIN = 10;
const COLD_ERROR_SHARE = 0.8;
/**
 * By how much few origins make an interval wider, in shares of one: what they do not show yet will
 * come, and errors of one origin lie together.
 */
const FEW_ORIGINS = 0.5;

export interface CalibrationOptions {
  readonly season: number;
  readonly horizon: number;
  /** The first target that was not learnt from. */
  readonly unseenFrom: number;
}

export interface CalibrationOrigins {
  /** Same slot, the last ones matured for each step. */
  readonly seasonal: readonly number[];
  /** One horizon apart. */
  readonly recent: readonly number[];
}

/**
 * Earlier origins whose errors speak of an origin's intervals, ascending. Where a season is long
 * and the horizon short, too few of the same slot are unseen, and others stand in.
 */
export const calibrationOrigins = (
  origin: number,
  { season, horizon, unseenFrom }: CalibrationOptions,
): CalibrationOrigins => {
  const wanted = season > 1 ? SEASONS : PERIODS_WITHOUT_SEASON;
  const every = (count: number, apart: number): readonly number[] =>
    Array.from({ length: count }, (_, index) => origin - (count - index) * apart);
  const seasonal = every(wanted - 1 + Math.ceil(horizon / season), season);
  const unseen = seasonal.filter((one) => one + 1 >= unseenFrom).length;
  return { seasonal, recent: unseen * horizon < ERRORS_MIN ? every(RECENT, horizon) : [] };
};

export interface WidthsOptions {
  /** Percent. */
  readonly levels: readonly number[];
  /** Unit of the series' errors, for where there are none. */
  readonly scale: number;
}

/**
 * Half widths of the intervals, by level and step: σ of the step, times the quantile of |error| / σ
 * over all steps of the same season ahead. σ is the mean error of the step and its neighbours, so
 * that nights are narrow; the quantile has many errors to go by, of which the latest count most.
 * With too few of them, that of exponential errors whose mean follows from the scale; NaN where
 * there is none either.
 */
export const halfWidths = (
  { horizon, season, seasonal, recent }: MaturedErrors,
  { levels, scale }: WidthsOptions,
): readonly Float64Array[] => {
  const sources = [seasonal, recent].map((errors) => {
    const sigma = sigmasOf(errors, horizon);
    return {
      sigma,
      of: (from: number, to: number) => fadingScores({ errors, horizon, sigma }, from, to),
    };
  });
  const widths = levels.map(() => new Float64Array(horizon));
  const size = season > 1 ? season : horizon;
  for (let from = 0; from < horizon; from += size) {
    const to = Math.min(horizon, from + size);
    const told = sources
      .map(({ sigma, of }) => ({ sigma, ...of(from, to) }))
      .find(({ scores }) => scores.length >= ERRORS_MIN);
    for (const [index, level] of levels.entries()) {
      const share = level / 100;
      const quantile = told && (1 + FEW_ORIGINS / told.origins) * fadingQuantile(told, share);
      const cold = -Math.log(1 - share) * COLD_ERROR_SHARE * scale;
      for (let step = from; step < to; step += 1) {
        const width = quantile === undefined ? cold : quantile * (told?.sigma[step] as number);
        (widths[index] as Float64Array)[step] = width;
      }
    }
  }
  return widths;
};

/** Mean errors of each step and its neighbours, drawn towards that of all. */
const sigmasOf = (errors: Float64Array, horizon: number): Float64Array => {
  const [sums, counts] = [new Float64Array(horizon), new Float64Array(horizon)];
  for (let index = 0; index < errors.length; index += 1) {
    const error = errors[index] as number;
    if (Number.isNaN(error)) continue;
    const step = index % horizon;
    sums[step] = (sums[step] as number) + error;
    counts[step] = (counts[step] as number) + 1;
  }
  const total = (values: Float64Array, from = 0, to = horizon): number =>
    values.subarray(Math.max(0, from), to).reduce((sum, value) => sum + value, 0);
  const mean = total(sums) / Math.max(1, total(counts));
  return sums.map((_, step) => {
    const [from, to] = [step - 1, step + 2];
    const shrunk = total(sums, from, to) + SHRINKAGE * mean;
    return Math.max(SIGMA_MIN, shrunk / (total(counts, from, to) + SHRINKAGE));
  });
};
