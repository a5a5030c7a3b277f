import { valueOf, type SeriesHistory } from '../../../evaluation/history.ts';
import type { ShownForecast } from '../../../evaluation/shown-forecasts.ts';

/** A forecast as the page has it; null where nothing is known. */
interface DrawnForecast {
  /** Of the first value in `actual`, which begins before the forecast does. */
  readonly from: number;
  readonly origin: number;
  readonly actual: readonly (number | null)[];
  readonly mean: readonly (number | null)[];
  readonly lower: readonly (readonly (number | null)[])[];
  readonly upper: readonly (readonly (number | null)[])[];
}

export interface DrawnSeries {
  readonly seriesId: string;
  readonly forecasts: readonly DrawnForecast[];
}

/** As many digits as a screen can show. */
const SIGNIFICANT_DIGITS = 7;

const plain = (value: number): number | null =>
  Number.isFinite(value) ? Number(value.toPrecision(SIGNIFICANT_DIGITS)) : null;

const plainAll = (values: Float32Array): readonly (number | null)[] => Array.from(values, plain);

export interface DrawnSeriesOptions {
  readonly history: SeriesHistory;
  readonly forecasts: readonly ShownForecast[];
  /** Periods before each forecast, so that one sees what it follows on from. */
  readonly lead: number;
}

/** A series' forecasts beside what had been and what came. */
export const drawnSeries = ({ history, forecasts, lead }: DrawnSeriesOptions): DrawnSeries => ({
  seriesId: history.seriesId,
  forecasts: forecasts.map(({ origin, mean, lower, upper }, index) => {
    // What the forecast before has told of already is not told again.
    const told = forecasts[index - 1];
    const first = told === undefined ? -Infinity : told.origin + 1 + told.mean.length;
    const from = Math.max(origin + 1 - lead, first, history.firstPeriod);
    const length = origin + 1 + mean.length - from;
    return {
      ...{ from, origin },
      actual: Array.from({ length }, (_, step) => plain(valueOf(history, from + step))),
      mean: plainAll(mean),
      lower: lower.map(plainAll),
      upper: upper.map(plainAll),
    };
  }),
});
