import type { Accuracy } from '../../schemas/accuracy.ts';
import type { Alert } from '../../schemas/alert.ts';
import type { ColumnarScore } from '../../schemas/columnar-score.ts';
import type { Decision } from '../../schemas/decision.ts';
import type { DriftSignal } from '../../schemas/drift-signal.ts';
import type { FeatureVector } from '../../schemas/feature-vector.ts';
import type { Forecast } from '../../schemas/forecast.ts';
import type { LateObservation } from '../../schemas/late-observation.ts';
import type { ModelEvent } from '../../schemas/model-event.ts';
import type { Observation } from '../../schemas/observation.ts';
import { openPlainReader, openSerde } from '../../schemas/open-serde.ts';
import type { PartialRecord } from '../../schemas/partial.ts';
import type { RetrainingRequest } from '../../schemas/retraining-request.ts';
import type { SchemaRegistry } from '../../schemas/schema-registry.ts';
import type { Score } from '../../schemas/score.ts';
import type { Serde, ValueReader, ValueType } from '../../schemas/serde.ts';
import { columnarScoreType } from '../../schemas/score-columns.ts';
import * as types from '../../schemas/value-types.ts';
import type { StreamParts } from './stream-parts.ts';

/** How each topic of a stream is read and written. */
export interface StreamSerdes {
  /** Raw events, where they are Avro. */
  readonly raw: ValueReader<unknown>;
  readonly observation: Serde<Observation>;
  readonly features: Serde<FeatureVector>;
  readonly forecast: Serde<Forecast>;
  readonly score: Serde<Score>;
  /** The same, each written with the help of the one before, and decoded over it. */
  readonly columnarScore: Serde<ColumnarScore>;
  readonly late: Serde<LateObservation>;
  readonly decision: Serde<Decision>;
  readonly partial: Serde<PartialRecord>;
  readonly accuracy: Serde<Accuracy>;
  readonly drift: Serde<DriftSignal>;
  readonly alert: Serde<Alert>;
  readonly modelEvent: Serde<ModelEvent>;
  readonly request: Serde<RetrainingRequest>;
}

/** Makes the serde of a topic: by registering its schema, or not at all. */
export type MakeSerde = <T>(topic: string, type: ValueType<T>) => Promise<Serde<T>>;

/** Registers the schema of every topic. */
export const streamSerdes = async (
  { topics }: StreamParts,
  registry: SchemaRegistry,
): Promise<StreamSerdes> => {
  const open: MakeSerde = (topic, type) => openSerde(registry, topic, type);
  return {
    raw: openPlainReader(registry),
    observation: await open(topics.observations.name, types.observationType),
    features: await open(topics.features.name, types.featureVectorType),
    forecast: await open(topics.forecasts.name, types.forecastType),
    score: await open(topics.scores.name, types.scoreType),
    columnarScore: await open(topics.scores.name, columnarScoreType()),
    late: await open(topics.late.name, types.lateObservationType),
    decision: await open(topics.decisions.name, types.decisionType),
    partial: await open(topics.partials.name, types.partialType),
    accuracy: await open(topics.accuracy.name, types.accuracyType),
    drift: await open(topics.drift.name, types.driftSignalType),
    alert: await open(topics.alerts.name, types.alertType),
    modelEvent: await open(topics.models.name, types.modelEventType),
    request: await open(topics['retraining-requests'].name, types.retrainingRequestType),
  };
};

/** Serdes that only stand where a topology wants some: what is described never runs. */
const refuseEncoding = (): never => {
  throw new Error('a topology that is only described encodes nothing');
};

const undecided = <T>(): Serde<T> => ({
  encode: refuseEncoding,
  encodeTo: refuseEncoding,
  decode: () => ({ ok: false, reason: 'SCHEMA_UNKNOWN', detail: 'only described' }),
  learn: async () => undefined,
});

export const describedSerdes = (): StreamSerdes => ({
  raw: undecided(),
  observation: undecided(),
  features: undecided(),
  forecast: undecided(),
  score: undecided(),
  columnarScore: undecided(),
  late: undecided(),
  decision: undecided(),
  partial: undecided(),
  accuracy: undecided(),
  drift: undecided(),
  alert: undecided(),
  modelEvent: undecided(),
  request: undecided(),
});
