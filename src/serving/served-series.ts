import { finiteOrNull } from '../core/finite-or-null.ts';
import type { HistoryColumns } from '../online/history.ts';
import type { OnlineSeries } from '../online/online-store.ts';
import type { Forecast } from '../schemas/forecast.ts';
import type { ServedStream } from './options.ts';
import type { LastForecast, SeriesListResponse, SeriesResponse } from './responses.ts';
import { targetsOf } from './targets.ts';

const knownOf = (values: ArrayLike<number>): (number | null)[] => Array.from(values, finiteOrNull);

export const servedForecast = (forecast: Forecast, stream: ServedStream): LastForecast => ({
  forecastId: forecast.forecastId,
  origin: forecast.origin,
  generatedAt: forecast.generatedAt,
  model: { ...forecast.model },
  strategy: forecast.strategy,
  targets: [...targetsOf(stream, forecast.origin, forecast.mean.length)],
  mean: knownOf(forecast.mean),
  intervals: forecast.intervals.map(({ level, lower, upper }) => ({
    level,
    lower: knownOf(lower),
    upper: knownOf(upper),
  })),
});

/** Every n-th bound: they lie side by side, row by row. */
const boundsAt = (bounds: Float32Array, at: number, stride: number): (number | null)[] => {
  const column: (number | null)[] = [];
  for (let index = at; index < bounds.length; index += stride)
    column.push(finiteOrNull(bounds[index]));
  return column;
};

const servedPast = (
  { times, means, bounds }: HistoryColumns,
  levels: readonly number[],
): SeriesResponse['past'] => ({
  step: 1,
  times: Array.from(times),
  mean: knownOf(means),
  intervals: levels.map((level, at) => ({
    level,
    lower: boundsAt(bounds, 2 * at, 2 * levels.length),
    upper: boundsAt(bounds, 2 * at + 1, 2 * levels.length),
  })),
});

export const servedSeries = (series: OnlineSeries, stream: ServedStream): SeriesResponse => {
  const { id, state, history, forecast, error } = series;
  return {
    id,
    stream: stream.name,
    frequency: stream.frequency,
    horizon: stream.horizon,
    levels: [...stream.levels],
    state,
    actuals: { times: Array.from(history.times), values: knownOf(history.actuals) },
    forecast: forecast === undefined ? null : servedForecast(forecast, stream),
    past: servedPast(history, stream.levels),
    error: {
      window: '7d',
      ...error,
      naive: { ...error.naive },
      coverage: [...error.coverage],
    },
  };
};

const leastOf = (values: Iterable<number | null>): number | null => {
  let least: number | null = null;
  for (const value of values) {
    if (value !== null) least = Math.min(least ?? value, value);
  }
  return least;
};

export const servedEntry = (
  { id, state, forecast, error }: OnlineSeries,
  { staleAfterMs }: ServedStream,
  nowMs: number,
): SeriesListResponse['series'][number] => ({
  id,
  state,
  origin: forecast?.origin ?? null,
  stale: nowMs - (forecast?.origin ?? -Infinity) > staleAfterMs,
  wape: error.wape,
  naiveWape: leastOf(Object.values(error.naive)),
  skill: error.skill,
  count: error.count,
});
