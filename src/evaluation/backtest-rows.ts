import type { BacktestForecast } from './backtest-forecast.ts';

/** One forecast of one target, flat. */
export interface BacktestRow {
  readonly seriesId: string;
  /** Period numbers. */
  readonly origin: number;
  readonly target: number;
  readonly step: number;
  /** The model, or the naive rule that stood in for it. */
  readonly model: string;
  readonly mean: number;
  /** One a level. */
  readonly lower: readonly number[];
  readonly upper: readonly number[];
  /** NaN where it is missing. */
  readonly actual: number;
}

/** Names of the columns of a table of forecasts, one pair of bounds a level. */
export const backtestColumns = (levels: readonly number[]): readonly string[] => [
  ...['series_id', 'origin', 'target', 'step', 'model', 'mean'],
  ...levels.flatMap((level) => [`lower_${level}`, `upper_${level}`]),
  'actual',
];

/**
 * The rows of a forecast up to the end of the data (exclusive): behind it nothing will ever be
 * known.
 */
export const backtestRows = function* (
  { seriesId, origin, isRule, strategy, mean, lower, upper, actual, ...forecast }: BacktestForecast,
  end = Infinity,
): Generator<BacktestRow> {
  const model = isRule ? strategy : forecast.model;
  for (const [index, value] of mean.entries()) {
    const target = origin + 1 + index;
    if (target >= end) return;
    const at = (column: Float64Array): number => column[index] ?? Number.NaN;
    yield {
      ...{ seriesId, origin, target, step: index + 1, model, mean: value },
      lower: lower.map(at),
      upper: upper.map(at),
      actual: at(actual),
    };
  }
};

/**
 * The cells of a row in the order of `backtestColumns`, empty where a value is missing; `timeOf`
 * writes a period.
 */
export const backtestCells = (
  row: BacktestRow,
  timeOf: (period: number) => string,
): readonly string[] => {
  const cell = (value: number): string => (Number.isNaN(value) ? '' : String(value));
  return [
    ...[row.seriesId, timeOf(row.origin), timeOf(row.target), String(row.step), row.model],
    cell(row.mean),
    ...row.lower.flatMap((lower, level) => [cell(lower), cell(row.upper[level] ?? Number.NaN)]),
    cell(row.actual),
  ];
};
