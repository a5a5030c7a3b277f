import type { Config } from '../../config/config.ts';
import type { Clock } from '../../core/clock.ts';
import { driftWindows } from '../../drift/drift-windows.ts';
import { eventMapper } from '../../ingestion/event-mapper.ts';
import { featureSchemaHash } from '../../schemas/feature-schema.ts';
import type { ModelRef } from '../../schemas/forecast.ts';
import type { TopicPosition } from '../../schemas/retraining-request.ts';
import type { ForecastMetrics } from '../../streams/metrics.ts';
import { forecasting } from '../../streams/topologies/forecasting.ts';
import type { ModelShelf } from '../../streams/topologies/forecasting/model-shelf.ts';
import type { ForecastingOptions } from '../../streams/topologies/forecasting/options.ts';
import { ingest, type IngestOptions } from '../../streams/topologies/ingest.ts';
import { monitoring } from '../../streams/topologies/monitoring.ts';
import { retraining } from '../../streams/topologies/retraining.ts';
import { summary } from '../../streams/topologies/summary.ts';
import { training, type TrainingOptions } from '../../streams/topologies/training.ts';
import type { Topology } from '../../streams/topology.ts';
import { sourceSet } from '../../streams/watermarks.ts';
import type { StreamParts } from './stream-parts.ts';
import type { StreamSerdes } from './stream-serdes.ts';

/** What the topologies of a stream are given beside its configuration. */
export interface TopologyParts {
  readonly config: Config;
  readonly parts: StreamParts;
  readonly serdes: StreamSerdes;
  /** Partitions of the raw topic. */
  readonly rawPartitions: number;
  readonly clock: Clock;
  readonly metrics: ForecastMetrics;
  readonly shelf: ModelShelf;
  readonly onRefused: (model: ModelRef, error: unknown) => void;
  readonly onMisfit: (model: ModelRef, error: unknown) => void;
  /** Adoptions that a replay reads back. */
  readonly pinned?: ForecastingOptions['pinned'];
  /** Whether a raw partition at this watermark must wait for slower ones. */
  readonly isAhead: (watermarkMs: number) => boolean;
  /** How often raw partitions have woken after all had been idle. */
  readonly awakenings: () => number;
  /** Whether the run ends for a raw partition where it has come to. */
  readonly isEnding: IngestOptions['idle']['isEnding'];
  readonly positions: () => Promise<readonly TopicPosition[]>;
  readonly trainer: Pick<TrainingOptions, 'history' | 'trainer' | 'artifacts' | 'open' | 'seal'>;
}

const membersOf = (topic: string, partitions: number): { topic: string; partition: number }[] =>
  Array.from({ length: partitions }, (_, partition) => ({ topic, partition }));

/** How raw records become events. */
const readingOf = ({
  config,
  parts,
  serdes,
}: TopologyParts): Pick<IngestOptions, 'map' | 'learn'> => {
  const { source, maxAheadMs } = parts.stream;
  const limits = { ...config.limits, maxAheadMs };
  if (source.format === 'json') return { map: eventMapper(source, limits) };
  const { raw } = serdes;
  return {
    map: eventMapper(source, limits, (bytes) => raw.decode(bytes)),
    learn: (values) => raw.learn(values),
  };
};

const ingestOf = (given: TopologyParts): Topology => {
  const { parts, serdes, rawPartitions, isAhead, awakenings } = given;
  const { stream, shape, topics } = parts;
  const { source, graceMs, idleAfterMs } = stream;
  return ingest({
    stream: stream.name,
    raw: { name: source.topic, partitions: rawPartitions },
    observations: topics.observations,
    decisions: topics.decisions,
    serdes: { observation: serdes.observation, decision: serdes.decision },
    ...readingOf(given),
    periods: shape.periods,
    graceMs,
    idle: { idleAfterMs, isEnding: given.isEnding },
    sources: sourceSet(1, membersOf(source.topic, rawPartitions)),
    awakenings,
    isAhead,
  });
};

const forecastingOf = (given: TopologyParts): Topology => {
  const { parts, serdes, shelf, metrics, clock, onRefused, onMisfit, pinned } = given;
  const { stream, shape, topics } = parts;
  return forecasting({
    stream: stream.name,
    model: stream.model.name,
    observations: topics.observations,
    isKeyed: stream.source.keyed,
    graceMs: stream.graceMs,
    models: topics.models,
    topics,
    serdes: { ...serdes, score: serdes.columnarScore },
    shape,
    shelf,
    metrics,
    clock,
    onRefused,
    onMisfit,
    ...(pinned === undefined ? {} : { pinned }),
  });
};

const monitoringOf = ({ parts, serdes }: TopologyParts): Topology => {
  const { stream, shape, topics } = parts;
  const { horizon } = shape.features;
  return monitoring({
    stream: stream.name,
    scores: topics.scores,
    partials: topics.partials,
    serdes: { score: serdes.columnarScore, partial: serdes.partial },
    periods: shape.periods,
    horizon,
    drift: driftWindows(shape.periods, horizon),
    sources: sourceSet(1, membersOf(topics.scores.name, topics.scores.partitions)),
  });
};

const summaryOf = ({ parts, serdes }: TopologyParts): Topology => {
  const { stream, topics } = parts;
  return summary({
    stream: stream.name,
    partials: topics.partials,
    accuracy: topics.accuracy,
    drift: topics.drift,
    alerts: topics.alerts,
    serdes,
    windows: stream.monitoring.windows,
    thresholds: stream.monitoring,
  });
};

const retrainingOf = ({ parts, serdes, positions }: TopologyParts): Topology => {
  const { stream, features, topics } = parts;
  return retraining({
    stream: stream.name,
    accuracy: topics.accuracy,
    drift: topics.drift,
    models: topics.models,
    requests: topics['retraining-requests'],
    decisions: topics.decisions,
    serdes,
    policy: stream.retraining,
    schemaHash: featureSchemaHash(features),
    trainingWindowDays: stream.retraining.trainingWindowDays,
    windows: stream.monitoring.windows,
    thresholds: stream.monitoring,
    positions,
  });
};

const trainingOf = ({ parts, serdes, clock, trainer }: TopologyParts): Topology => {
  const { stream, shape, features, topics } = parts;
  return training({
    ...trainer,
    stream: stream.name,
    requests: topics['retraining-requests'],
    models: topics.models,
    serdes,
    featureSchema: features,
    periods: shape.periods,
    policy: stream.retraining,
    clock,
  });
};

/** The roles that run tasks, and the topology of each. */
const TOPOLOGIES = {
  ingest: ingestOf,
  forecasting: forecastingOf,
  monitoring: monitoringOf,
  summary: summaryOf,
  retraining: retrainingOf,
  training: trainingOf,
} as const;

export type TaskRole = keyof typeof TOPOLOGIES;

export const TASK_ROLES: readonly TaskRole[] = [
  'ingest',
  'forecasting',
  'monitoring',
  'summary',
  'retraining',
  'training',
];

/** The topologies of a stream that these roles run; a keyed source needs no ingest. */
export const streamTopologies = (
  given: TopologyParts,
  roles: readonly TaskRole[],
): readonly Topology[] =>
  TASK_ROLES.filter((role) => roles.includes(role))
    .filter((role) => role !== 'ingest' || !given.parts.stream.source.keyed)
    .map((role) => TOPOLOGIES[role](given));
