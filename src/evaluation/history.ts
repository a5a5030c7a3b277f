import type { Holidays } from '../calendars/calendar.ts';

/** The history of one series, one value a period. */
export interface SeriesHistory {
  readonly seriesId: string;
  /** Number of the period of `values[0]`. */
  readonly firstPeriod: number;
  /** NaN where a value is missing. */
  readonly values: Float64Array;
  /** Its own zone, where that is not the feature schema's. */
  readonly timeZone?: string;
  /** The period from which on it has that zone, where it did not begin with it. */
  readonly timeZoneFrom?: number;
}

/** Histories and what their features need beside them. */
export interface Panel {
  readonly series: readonly SeriesHistory[];
  readonly holidays: Holidays | null;
}

/** The value of a period; NaN where it is missing or outside. */
export const valueOf = ({ firstPeriod, values }: SeriesHistory, period: number): number =>
  values[period - firstPeriod] ?? Number.NaN;

/** What was known of a series at an origin; a view of the same values. */
export const upTo = (series: SeriesHistory, origin: number): SeriesHistory => ({
  ...series,
  values: series.values.subarray(0, Math.max(0, origin + 1 - series.firstPeriod)),
});

/** The first period of any series; ∞ for none. */
export const startOf = (series: readonly SeriesHistory[]): number =>
  series.reduce((start, { firstPeriod }) => Math.min(start, firstPeriod), Infinity);

/** The period after the last one of any series; −∞ for none. */
export const endOf = (series: readonly SeriesHistory[]): number =>
  series.reduce(
    (end, { firstPeriod, values }) => Math.max(end, firstPeriod + values.length),
    -Infinity,
  );

/** Seasons of history before a model may speak: of the long one, or of the short one alone. */
const LONG_SEASONS_BEFORE = 3;
const SHORT_SEASONS_BEFORE = 1.25;
/** Periods where seasons are shorter than any history that says something. */
const PERIODS_BEFORE = 12;

/**
 * Periods that a series must span before a direct model learns from it or forecasts it; before, the
 * naive ladder does. A panel that is too young for its long season is forecast without it.
 */
export const historyNeeded = ([short = 1, long]: readonly number[]): number =>
  long === undefined
    ? Math.max(PERIODS_BEFORE, Math.ceil(SHORT_SEASONS_BEFORE * short))
    : LONG_SEASONS_BEFORE * long;
