import { Counter, Histogram, type Registry } from 'prom-client';
import { SECOND_MS } from '../core/duration.ts';
import type { ForecastMetrics } from '../streams/metrics.ts';

/** 1 s is the objective, so a bound lies exactly there. */
const LATENCY_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

export interface ForecastMetricsOptions {
  readonly models: readonly string[];
  readonly streams: readonly string[];
}

const families = (registry: Registry) => {
  const byModel = (name: string, help: string): Counter<'model' | 'status'> =>
    new Counter({ name, help, labelNames: ['model', 'status'], registers: [registry] });
  const byStream = (name: string, help: string): Counter<'stream'> =>
    new Counter({ name, help, labelNames: ['stream'], registers: [registry] });
  return {
    latency: new Histogram({
      name: 'forecast_prediction_latency_seconds',
      help: 'How long a model took for the forecasts that it was asked for at once.',
      buckets: LATENCY_BUCKETS,
      registers: [registry],
    }),
    champion: byModel(
      'forecast_predictions_total',
      'Forecasts of the champion: success, or failure when it could not be run.',
    ),
    shadow: byModel(
      'tidecast_shadow_forecasts_total',
      'Forecasts that are scored beside the champion: success, or failure.',
    ),
    fallbacks: new Counter({
      name: 'tidecast_fallbacks_total',
      help: 'Forecasts that a rung of the ladder made, since no model could speak for the series.',
      labelNames: ['model', 'strategy'],
      registers: [registry],
    }),
    late: byStream('tidecast_late_observations_total', 'Events whose period had been closed.'),
    repeated: byStream(
      'tidecast_repeated_events_total',
      'Events that were left out because their id had been seen.',
    ),
  };
};

export const forecastMetrics = (
  registry: Registry,
  { models, streams }: ForecastMetricsOptions,
): ForecastMetrics => {
  const of = families(registry);
  for (const model of models) {
    for (const status of ['success', 'failure']) {
      of.champion.inc({ model, status }, 0);
      of.shadow.inc({ model, status }, 0);
    }
  }
  for (const stream of streams) {
    of.late.inc({ stream }, 0);
    of.repeated.inc({ stream }, 0);
  }
  return {
    ran: ({ durationMs }) => of.latency.observe(durationMs / SECOND_MS),
    predicted: ({ model, role, status, count }) => of[role].inc({ model, status }, count),
    fellBack: ({ model, strategy, count }) => of.fallbacks.inc({ model, strategy }, count),
    late: ({ stream, count }) => of.late.inc({ stream }, count),
    repeated: ({ stream, count }) => of.repeated.inc({ stream }, count),
  };
};
