import type { BacktestForecast } from './backtest-forecast.ts';

/** What is known of one step of a forecast, on which the model and its opponents are scored. */
export interface ComparedStep {
  readonly seriesId: string;
  /** Step 1 has index 0. */
  readonly step: number;
  readonly actual: number;
  readonly mean: number;
  /** True where a naive rule spoke in place of the model. */
  readonly isRule: boolean;
  /** One value an opponent. */
  readonly naive: Float64Array;
  /** One pair of bounds a level, NaN where it is not known. */
  readonly lower: readonly number[];
  readonly upper: readonly number[];
  readonly inSample: number;
  readonly inSampleSquared: number;
}

/** One step of a forecast; undefined where its actual is missing. */
export const comparedStep = (
  forecast: BacktestForecast,
  step: number,
): ComparedStep | undefined => {
  const { seriesId, isRule, inSample, inSampleSquared } = forecast;
  const at = (column: Float64Array): number => column[step] ?? Number.NaN;
  const opponents = forecast.naive.length / forecast.mean.length;
  const naive = forecast.naive.subarray(step * opponents, (step + 1) * opponents);
  const [actual, mean] = [at(forecast.actual), at(forecast.mean)];
  if (!Number.isFinite(actual + mean)) return undefined;
  return {
    ...{ seriesId, step, actual, mean, isRule, naive, inSample, inSampleSquared },
    lower: forecast.lower.map(at),
    upper: forecast.upper.map(at),
  };
};
