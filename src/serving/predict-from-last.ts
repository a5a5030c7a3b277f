import type { OnlineSeries } from '../online/online-store.ts';
import type { Forecast } from '../schemas/forecast.ts';
import { HttpFailure, InvalidRequest } from './failures.ts';
import type { ServedStream } from './options.ts';
import type { ForecastResponse } from './responses.ts';
import { targetsOf } from './targets.ts';

export interface ForecastQuestion {
  readonly stream: ServedStream;
  readonly horizon: number;
  readonly withIntervals: boolean;
  /** Percent; undefined: 95, or the widest that the stream has. */
  readonly level: number | undefined;
  readonly nowMs: number;
}

const LEVEL_DEFAULT = 95;

const iso = (timeMs: number): string => new Date(timeMs).toISOString();

const refuseHorizon = (longest: number): InvalidRequest =>
  new InvalidRequest([
    {
      loc: ['body', 'horizon'],
      msg: `the model forecasts ${longest} periods ahead at most`,
      type: 'maximum',
    },
  ]);

/** The level to answer with. Asked for one that there is not, the answer names those that are. */
export const levelOf = ({ levels }: ServedStream, asked: number | undefined): number => {
  const level = asked ?? (levels.includes(LEVEL_DEFAULT) ? LEVEL_DEFAULT : levels.at(-1));
  if (level !== undefined && levels.includes(level)) return level;
  const msg = `intervals have the levels ${levels.join(', ')}`;
  throw new InvalidRequest([{ loc: ['body', 'level'], msg, type: 'enum' }]);
};

export const checkHorizon = ({ horizon }: { readonly horizon: number }, longest: number): void => {
  if (horizon > longest) throw refuseHorizon(longest);
};

/** Bounds as plain numbers; null when there are none, or when one of them is not known. */
const boundsOf = (
  { intervals }: Forecast,
  { level, horizon }: { readonly level: number; readonly horizon: number },
): { readonly lower: number[]; readonly upper: number[] } | undefined => {
  const interval = intervals.find((one) => one.level === level);
  if (interval === undefined) return undefined;
  const lower = Array.from(interval.lower.subarray(0, horizon));
  const upper = Array.from(interval.upper.subarray(0, horizon));
  return [...lower, ...upper].every(Number.isFinite) ? { lower, upper } : undefined;
};

const forecastOf = ({ forecast }: OnlineSeries, horizon: number): Forecast => {
  const means = forecast?.mean.subarray(0, horizon) ?? [];
  if (forecast !== undefined && means.every(Number.isFinite)) return forecast;
  throw new HttpFailure(
    { status: 404, code: 'FORECAST_MISSING' },
    'the series is known, but has no forecast yet: ask again when more of it has been seen',
  );
};

/** The first steps of the last forecast, as an answer. */
export const predictFromLast = (
  series: OnlineSeries,
  question: ForecastQuestion,
): ForecastResponse => {
  const { stream, horizon, withIntervals, nowMs } = question;
  const forecast = forecastOf(series, horizon);
  checkHorizon(question, forecast.mean.length);
  const targets = targetsOf(stream, forecast.origin, horizon);
  const level = levelOf(stream, question.level);
  const bounds = withIntervals ? boundsOf(forecast, { level, horizon }) : undefined;
  return {
    entity_id: series.id,
    forecasts: Array.from(forecast.mean.subarray(0, horizon)),
    lower_bound: bounds?.lower ?? null,
    upper_bound: bounds?.upper ?? null,
    generated_at: iso(forecast.generatedAt),
    model_version: forecast.model.version,
    targets: targets.map(iso),
    level: bounds === undefined ? null : level,
    forecast_id: forecast.forecastId,
    origin: iso(forecast.origin),
    as_of: iso(targets[0] ?? forecast.origin),
    stale: nowMs - forecast.origin > stream.staleAfterMs,
    cached: true,
    strategy: forecast.strategy,
  };
};
