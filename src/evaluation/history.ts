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
}

/** Histories and what their features need beside them. */
export interface Panel {
  readonly series: readonly SeriesHistory[];
  readonly holidays: Holidays | null;
}

/** The value of a period; NaN where it is missing or outside. */
export const valueOf = ({ firstPeriod, values }: SeriesHistory, period: number): number =>
  values[period - firstPeriod] ?? Number.NaN;

/** The first period of any series; ∞ for none. */
export const startOf = (series: readonly SeriesHistory[]): number =>
  series.reduce((start, { firstPeriod }) => Math.min(start, firstPeriod), Infinity);

/** The period after the last one of any series; −∞ for none. */
export const endOf = (series: readonly SeriesHistory[]): number =>
  series.reduce(
    (end, { firstPeriod, values }) => Math.max(end, firstPeriod + values.length),
    -Infinity,
  );

/** Seasons of history before a model may speak: of the long one, or of a short one without it. */
const LONG_SEASONS_BEFORE = 3;
const SHORT_SEASONS_BEFORE = 4;
/** Periods where seasons are shorter than any history that says something. */
const PERIODS_BEFORE = 12;

/**
 * Periods that a series must span before a direct model learns from it or forecasts it; before, the
 * naive ladder does.
 */
export const historyNeeded = ([short = 1, long]: readonly number[]): number =>
  long === undefined
    ? Math.max(PERIODS_BEFORE, SHORT_SEASONS_BEFORE * short)
    : LONG_SEASONS_BEFORE * long;
