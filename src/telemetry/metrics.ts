import { Registry } from 'prom-client';
import type { ForecastMetrics, TaskMetrics } from '../streams/metrics.ts';
import { eventLoopDelay } from './event-loop-delay.ts';
import { forecastMetrics } from './forecast-metrics.ts';
import { freshnessMetrics, type FreshnessSource } from './freshness-metrics.ts';
import { processMetrics } from './process-metrics.ts';
import { qualityMetrics, type QualityMetrics } from './quality-metrics.ts';
import { taskMetrics } from './task-metrics.ts';
import { viewMetrics, type ViewSource } from './view-metrics.ts';

export interface MetricsOptions {
  /** Every stream with its model, so that their counters begin at zero. */
  readonly streams: readonly {
    readonly name: string;
    readonly model: string;
    /** The window whose accuracy is shown: `7d`. */
    readonly accuracyWindow: string;
  }[];
  /** The topologies that this process runs. */
  readonly topologies: readonly string[];
  /** Why they may refuse a record. */
  readonly refusals: readonly string[];
}

export interface Metrics {
  readonly task: TaskMetrics;
  readonly forecast: ForecastMetrics;
  readonly quality: QualityMetrics;
  readonly registry: Registry;
  readonly contentType: string;
  /** From now on `source` is asked at each scrape; before, nothing is said of series. */
  tellFreshness(source: FreshnessSource): void;
  /** The same of the view that the API answers from. */
  tellView(source: ViewSource): void;
  /** What a scrape answers. */
  text(): Promise<string>;
  close(): void;
}

const NO_SERIES: FreshnessSource = () => ({
  states: { fresh: 0, late: 0, stale: 0, dead: 0 },
  stalest: [],
  cadences: [],
});

/** All metrics of a process in a registry of its own; docs/metrics.md lists them. */
export const metrics = (options: MetricsOptions): Metrics => {
  const { streams, topologies, refusals } = options;
  const registry = new Registry();
  const windows = new Map(streams.map(({ model, accuracyWindow }) => [model, accuracyWindow]));
  const task = taskMetrics(registry, {
    streams: streams.map(({ name }) => name),
    topologies,
    refusals,
  });
  const forecast = forecastMetrics(registry, {
    models: streams.map(({ model }) => model),
    streams: streams.map(({ name }) => name),
  });
  const quality = qualityMetrics(registry, { windowOf: (model) => windows.get(model) ?? '' });
  let freshness = NO_SERIES;
  let view: ViewSource = () => undefined;
  const refreshView = viewMetrics(registry, () => view());
  const refreshFreshness = freshnessMetrics(registry, (stalestMax) => freshness(stalestMax));
  const delay = eventLoopDelay(registry);
  processMetrics(registry);
  return {
    task,
    forecast,
    quality,
    registry,
    contentType: registry.contentType,
    tellFreshness(source) {
      freshness = source;
    },
    tellView(source) {
      view = source;
    },
    text() {
      refreshFreshness();
      refreshView();
      delay.refresh();
      return registry.metrics();
    },
    close: () => delay.close(),
  };
};
