import type { Accuracy } from './accuracy.ts';
import type { Alert } from './alert.ts';
import { avroRecord, avroUnion } from './avro-codec.ts';
import type { Claim } from './claim.ts';
import type { CommitRecord } from './commit-record.ts';
import type { DeadLetter } from './dead-letter.ts';
import type { Decision } from './decision.ts';
import type { DriftSignal } from './drift-signal.ts';
import type { FeatureVector } from './feature-vector.ts';
import type { Forecast } from './forecast.ts';
import { decodeCommitRecord, encodeCommitRecord } from './generated/commit-record.ts';
import { decodeFeatureVector, encodeFeatureVector } from './generated/feature-vector.ts';
import { decodeForecast, encodeForecast } from './generated/forecast.ts';
import { decodeLateObservation, encodeLateObservation } from './generated/late-observation.ts';
import { decodeObservation, encodeObservation } from './generated/observation.ts';
import { decodeScore, encodeScore } from './generated/score.ts';
import { decodeStateBlock, encodeStateBlock } from './generated/state-block.ts';
import * as texts from './generated/schema-texts.ts';
import type { LateObservation } from './late-observation.ts';
import type { ModelEvent } from './model-event.ts';
import type { Observation } from './observation.ts';
import type { PartialRecord } from './partial.ts';
import type { RetrainingRequest } from './retraining-request.ts';
import type { Score } from './score.ts';
import type { ValueType } from './serde.ts';
import type { StateBlock } from './state-block.ts';

// Records that every observation costs some of have generated codecs; avsc does all others.

const NAMESPACE = 'dev.tidecast';

export const observationType: ValueType<Observation> = {
  name: 'Observation',
  schema: texts.observationSchema,
  encode: encodeObservation,
  decode: decodeObservation,
};
export const featureVectorType: ValueType<FeatureVector> = {
  name: 'FeatureVector',
  schema: texts.featureVectorSchema,
  encode: encodeFeatureVector,
  decode: decodeFeatureVector,
};
export const forecastType: ValueType<Forecast> = {
  name: 'Forecast',
  schema: texts.forecastSchema,
  encode: encodeForecast,
  decode: decodeForecast,
};
export const scoreType: ValueType<Score> = {
  name: 'Score',
  schema: texts.scoreSchema,
  encode: encodeScore,
  decode: decodeScore,
};
export const lateObservationType: ValueType<LateObservation> = {
  name: 'LateObservation',
  schema: texts.lateObservationSchema,
  encode: encodeLateObservation,
  decode: decodeLateObservation,
};
export const decisionType = avroUnion<Decision>('Decision', texts.decisionSchema, NAMESPACE);
export const partialType = avroUnion<PartialRecord>('Partial', texts.partialSchema, NAMESPACE);
export const accuracyType = avroRecord<Accuracy>('Accuracy', texts.accuracySchema);
export const driftSignalType = avroRecord<DriftSignal>('DriftSignal', texts.driftSignalSchema);
export const alertType = avroRecord<Alert>('Alert', texts.alertSchema);
export const retrainingRequestType = avroRecord<RetrainingRequest>(
  'RetrainingRequest',
  texts.retrainingRequestSchema,
);
export const modelEventType = avroUnion<ModelEvent>(
  'ModelEvent',
  texts.modelEventSchema,
  NAMESPACE,
);
export const deadLetterType = avroRecord<DeadLetter>('DeadLetter', texts.deadLetterSchema);
export const claimType = avroRecord<Claim>('Claim', texts.claimSchema);
export const commitRecordType: ValueType<CommitRecord> = {
  name: 'CommitRecord',
  schema: texts.commitRecordSchema,
  encode: encodeCommitRecord,
  decode: decodeCommitRecord,
};
export const stateBlockType: ValueType<StateBlock> = {
  name: 'StateBlock',
  schema: texts.stateBlockSchema,
  encode: encodeStateBlock,
  decode: decodeStateBlock,
};
