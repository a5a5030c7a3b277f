import type { OnlineSeries } from '../online/online-store.ts';
import type { Forecast } from '../schemas/forecast.ts';
import { HttpFailure, InvalidRequest, type InvalidField } from './failures.ts';
import type { ServedStream } from './options.ts';
import type { ForecastResponse } from './responses.ts';
import { targetsOf } from './targets.ts';

export interface ForecastQuestion {
  readonly stream: ServedStream;
  /** undefined: a week of days, or as far as the stream forecasts. */
  readonly horizon: number | undefined;
  readonly withIntervals: boolean;
  /** Percent; undefined: 95, or the widest that the stream has. */
  readonly level: number | undefined;
  readonly nowMs: number;
}

const LEVEL_DEFAULT = 95;
const HORIZON_DEFAULT = 7;

const iso = (timeMs: number): string => new Date(timeMs).toISOString();

const levelOf = ({ levels }: ServedStream, asked: number | undefined): number | undefined =>
  asked ?? (levels.includes(LEVEL_DEFAULT) ? LEVEL_DEFAULT : levels.at(-1));

/** What is wrong with a level: the stream has others, and the answer names them. */
export const levelProblems = (
  stream: ServedStream,
  asked: number | undefined,
): readonly InvalidField[] => {
  const level = levelOf(stream, asked);
  if (level !== undefined && stream.levels.includes(level)) return [];
  const msg = `intervals have the levels ${stream.levels.join(', ')}`;
  return [{ loc: ['body', 'level'], msg, type: 'enum' }];
};

/** What is wrong with a horizon: it is beyond the longest. */
export const horizonProblems = (
  asked: number | undefined,
  longest: number,
): readonly InvalidField[] => {
  if (asked === undefined || asked <= longest) return [];
  const msg = `the model forecasts ${longest} periods ahead at most`;
  return [{ loc: ['body', 'horizon'], msg, type: 'maximum' }];
};

export const refuse = (problems: readonly InvalidField[]): void => {
  if (problems.length > 0) throw new InvalidRequest(problems);
};

/** Bounds as plain numbers; null when there are none, or when one of them is not known. */
const boundsOf = (
  { intervals }: Forecast,
  { level, horizon }: { readonly level: number | undefined; readonly horizon: number },
): { readonly lower: number[]; readonly upper: number[] } | undefined => {
  const interval = intervals.find((one) => one.level === level);
  if (interval === undefined) return undefined;
  const lower = Array.from(interval.lower.subarray(0, horizon));
  const upper = Array.from(interval.upper.subarray(0, horizon));
  return [...lower, ...upper].every(Number.isFinite) ? { lower, upper } : undefined;
};

const forecastOf = (
  { forecast }: OnlineSeries,
  { horizon: asked, stream }: ForecastQuestion,
): { readonly forecast: Forecast; readonly horizon: number } => {
  const longest = forecast?.mean.length ?? 0;
  const horizon = asked ?? Math.min(HORIZON_DEFAULT, stream.horizon, longest);
  const means = forecast?.mean.subarray(0, horizon) ?? [];
  if (forecast !== undefined && means.every(Number.isFinite)) return { forecast, horizon };
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
  const { stream, withIntervals, nowMs } = question;
  const { forecast, horizon } = forecastOf(series, question);
  refuse(horizonProblems(horizon, forecast.mean.length));
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
    level: bounds === undefined ? null : (level ?? null),
    forecast_id: forecast.forecastId,
    origin: iso(forecast.origin),
    as_of: iso(targets[0] ?? forecast.origin),
    stale: nowMs - forecast.origin > stream.staleAfterMs,
    cached: true,
    strategy: forecast.strategy,
  };
};
