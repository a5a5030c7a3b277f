import { NO_HOLIDAYS } from '../../src/calendars/calendar.ts';
import { systemClock } from '../../src/core/clock.ts';
import type { AggregationKind } from '../../src/features/aggregation.ts';
import type { OutgoingRecord } from '../../src/log/log.ts';
import type { IntervalRule } from '../../src/models/quantile-rules.ts';
import type { Decision } from '../../src/schemas/decision.ts';
import type { FeatureVector } from '../../src/schemas/feature-vector.ts';
import type { FeatureSchema } from '../../src/schemas/feature-schema.ts';
import type { Forecast } from '../../src/schemas/forecast.ts';
import type { LateObservation } from '../../src/schemas/late-observation.ts';
import type { ModelEvent } from '../../src/schemas/model-event.ts';
import type { Observation } from '../../src/schemas/observation.ts';
import type { Score } from '../../src/schemas/score.ts';
import type { Serde } from '../../src/schemas/serde.ts';
import type { TopicDefinition } from '../../src/schemas/topic.ts';
import { noForecastMetrics } from '../../src/streams/metrics.ts';
import { forecasting } from '../../src/streams/topologies/forecasting.ts';
import type { ModelShelf } from '../../src/streams/topologies/forecasting/model-shelf.ts';
import type { ForecastingOptions } from '../../src/streams/topologies/forecasting/options.ts';
import { forecastingShape } from '../../src/streams/topologies/forecasting/shape.ts';
import { sourceSet, watermarkRecord } from '../../src/streams/watermarks.ts';
import { columnarSerde } from './columnar-scores.ts';
import { hourlySchema } from './hourly-schema.ts';
import { structuredSerde } from './structured-serde.ts';
import { TopologyDriver, type FedRecord } from './topology-driver.ts';

export const HOUR_MS = 3_600_000;
export const OBSERVATIONS = 's.observations';
export const MODELS = 'models';

export const SERDES = {
  observation: structuredSerde<Observation>(),
  modelEvent: structuredSerde<ModelEvent>(),
  features: structuredSerde<FeatureVector>(),
  forecast: structuredSerde<Forecast>(),
  score: structuredSerde<Score>(),
  late: structuredSerde<LateObservation>(),
  decision: structuredSerde<Decision>(),
};

const topic = (name: string, partitions = 1): TopicDefinition => ({
  name,
  partitions,
  cleanup: 'delete',
});

/** No model is ever there: the naive ladder speaks. */
export const emptyShelf: ModelShelf = {
  load: async ({ version }) => {
    throw new Error(`there is no model ${version}`);
  },
};

/** With scores as objects: the task's own are columns. */
export type PlainSerdes = Omit<ForecastingOptions['serdes'], 'score'> & {
  readonly score: Serde<Score>;
};

export interface ForecastingDriverOptions {
  readonly aggregate?: AggregationKind;
  readonly horizon?: number;
  readonly shelf?: ModelShelf;
  readonly isKeyed?: boolean;
  readonly every?: number;
  readonly fromMs?: number;
  readonly staleAfterMs?: number;
  readonly graceMs?: number;
  /** Periods before a model speaks; four weeks where it is left out. */
  readonly historyNeeded?: number;
  readonly ringPeriods?: number;
  readonly features?: FeatureSchema;
  readonly timeZoneAttribute?: string;
  readonly metrics?: ForecastingOptions['metrics'];
  readonly serdes?: PlainSerdes;
  readonly deadAfterMs?: number;
  readonly pinned?: ForecastingOptions['pinned'];
  readonly onRefused?: ForecastingOptions['onRefused'];
  readonly onMisfit?: ForecastingOptions['onMisfit'];
  readonly eventsMax?: number;
  readonly intervals?: IntervalRule;
  readonly publishesFeatures?: boolean;
  readonly chunkRows?: number | undefined;
  readonly closingsPerCommit?: number | undefined;
  readonly longStretch?: number | undefined;
}

const DEFAULTS = {
  ...{ isKeyed: false, graceMs: 0, every: 1, fromMs: -Infinity },
  ...{ staleAfterMs: 48 * HOUR_MS, deadAfterMs: 672 * HOUR_MS, historyNeeded: 672 },
  shelf: emptyShelf,
  metrics: noForecastMetrics,
} as const;

const throwRefusal: ForecastingOptions['onRefused'] = (_model, error) => {
  throw error;
};

const shapeOf = (given: ForecastingDriverOptions): ForecastingOptions['shape'] => {
  const { every, fromMs, historyNeeded, ...rest } = { ...DEFAULTS, ...given };
  return forecastingShape({
    features: rest.features ?? hourlySchema(rest.horizon),
    calendar: NO_HOLIDAYS,
    aggregate: given.aggregate ?? 'count',
    levels: [80, 95],
    forecast: { every, fromMs, historyNeeded, intervals: given.intervals },
    silence: { staleAfterMs: rest.staleAfterMs, deadAfterMs: rest.deadAfterMs },
    ringPeriods: rest.ringPeriods,
    timeZoneAttribute: rest.timeZoneAttribute,
    publishesFeatures: rest.publishesFeatures,
  });
};

const forecastingOptions = (given: ForecastingDriverOptions = {}): ForecastingOptions => {
  const { isKeyed, graceMs, shelf, metrics } = { ...DEFAULTS, ...given };
  const serdes: PlainSerdes = given.serdes ?? SERDES;
  return {
    stream: 's',
    model: 'm',
    observations: topic(OBSERVATIONS),
    isKeyed,
    graceMs,
    models: topic(MODELS),
    topics: {
      features: topic('s.features'),
      forecasts: topic('s.forecasts'),
      scores: topic('s.scores'),
      late: topic('s.late'),
      decisions: topic('s.decisions'),
    },
    serdes: { ...serdes, score: columnarSerde(serdes.score) },
    shape: shapeOf(given),
    eventsMax: given.eventsMax,
    chunkRows: given.chunkRows,
    closingsPerCommit: given.closingsPerCommit,
    longStretch: given.longStretch,
    shelf,
    metrics,
    clock: systemClock,
    onRefused: given.onRefused ?? throwRefusal,
    onMisfit: given.onMisfit ?? throwRefusal,
    ...(given.pinned === undefined ? {} : { pinned: given.pinned }),
  };
};

export const forecastingDriver = (given: ForecastingDriverOptions = {}): TopologyDriver =>
  new TopologyDriver(forecasting(forecastingOptions(given)));

export interface ObservedOptions {
  readonly value?: number | null;
  /** The watermark of its raw partition, which it came behind. */
  readonly late?: number;
  /** By which a repetition is known. */
  readonly id?: string;
  readonly attributes?: Record<string, string>;
}

/** An observation as ingest writes it. */
export const observed = (
  seriesId: string,
  atMs: number,
  given: ObservedOptions = {},
): FedRecord => ({
  topic: OBSERVATIONS,
  key: seriesId,
  value: SERDES.observation.encode({
    seriesId,
    eventTime: atMs,
    value: given.value ?? null,
    attributes: given.attributes ?? {},
  }),
  headers: {
    source: 'raw:0:7',
    ...(given.late === undefined ? {} : { late: String(given.late) }),
    ...(given.id === undefined ? {} : { id: given.id }),
  },
});

/** One raw partition, the only one if nothing else is said, complete up to `watermark`. */
export const completeTo = (
  watermark: number,
  { partition = 0, of = 1, idle = false } = {},
): FedRecord =>
  watermarkRecord(
    { topic: OBSERVATIONS, partition: 0 },
    {
      topic: 'raw',
      partition,
      watermark,
      idle,
      sources: sourceSet(
        1,
        Array.from({ length: of }, (_, member) => ({ topic: 'raw', partition: member })),
      ),
    },
  );

export const modelEvent = (event: ModelEvent): FedRecord => ({
  topic: MODELS,
  key: event.model,
  value: SERDES.modelEvent.encode(event),
});

/** The values of one of the topology's sinks, watermarks left out. */
export const sentTo = <T>(
  records: readonly OutgoingRecord[],
  name: keyof ForecastingOptions['topics'],
  serde: Serde<T>,
): T[] =>
  records.flatMap((record) => {
    if (record.topic !== `s.${name}` || record.value === null) return [];
    const decoded = serde.decode(record.value);
    return decoded.ok ? [decoded.value] : [];
  });
