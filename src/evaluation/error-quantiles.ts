// Hot file: indices are in range by construction (errors are origins × horizon), so typed-array
// reads are narrowed with `as number`.
import { sortedQuantile } from '../models/quantile.ts';

/**
 * Errors of forecasts from earlier origins, one short season apart and the latest one last; NaN
 * where not yet matured.
 */
export interface MaturedErrors {
  readonly horizon: number;
  /** |actual − mean|, origins × horizon. */
  readonly errors: Float64Array;
  readonly season: number;
}

/**
 * Errors of the same step that are taken in, the latest ones; so many seasons where there are some.
 */
const SEASONS = 10;
const PERIODS_WITHOUT_SEASON = 40;
/**
 * Neighbouring steps on either side that are pooled, as a share of the season: six hours of a day.
 */
const POOLED_SHARE = 0.25;
/** Errors below which their quantile says less than the series' scale does. */
const ERRORS_MIN = 10;
const COLD_ERROR_SHARE = 0.8;

/**
 * Earlier origins whose errors speak of an origin's intervals, ascending: same slot, the last ten
 * matured for each step.
 */
export const calibrationOrigins = (
  origin: number,
  { season, horizon }: { readonly season: number; readonly horizon: number },
): readonly number[] => {
  const wanted = season > 1 ? SEASONS : PERIODS_WITHOUT_SEASON;
  const count = wanted - 1 + Math.ceil(horizon / season);
  return Array.from({ length: count }, (_, index) => origin - (count - index) * season);
};

/**
 * Half width of the interval of a step (1 first): the quantile of the matured errors of it and its
 * neighbours. With too few of them, that of exponential errors whose mean follows from the scale;
 * NaN where there is none either.
 */
export const halfWidth = (
  { errors, horizon, season }: MaturedErrors,
  step: number,
  { level, scale }: { readonly level: number; readonly scale: number },
): number => {
  const reach = Math.floor(season * POOLED_SHARE);
  const from = Math.max(1, step - reach);
  const to = Math.min(horizon, step + reach);
  const pooled: number[] = [];
  for (let row = 0; row < errors.length; row += horizon) {
    for (let one = from; one <= to; one += 1) {
      const error = errors[row + one - 1] as number;
      if (!Number.isNaN(error)) pooled.push(error);
    }
  }
  const share = level / 100;
  if (pooled.length < ERRORS_MIN) return -Math.log(1 - share) * COLD_ERROR_SHARE * scale;
  return sortedQuantile(Float64Array.from(pooled).sort(), share);
};
