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
import * as texts from './generated/schema-texts.ts';
import type { LateObservation } from './late-observation.ts';
import type { ModelEvent } from './model-event.ts';
import type { Observation } from './observation.ts';
import type { Partial } from './partial.ts';
import type { RetrainingRequest } from './retraining-request.ts';
import type { Score } from './score.ts';
import type { StateBlock } from './state-block.ts';

const NAMESPACE = 'dev.tidecast';

export const observationType = avroRecord<Observation>('Observation', texts.observationSchema);
export const featureVectorType = avroRecord<FeatureVector>(
  'FeatureVector',
  texts.featureVectorSchema,
);
export const forecastType = avroRecord<Forecast>('Forecast', texts.forecastSchema);
export const scoreType = avroRecord<Score>('Score', texts.scoreSchema);
export const lateObservationType = avroRecord<LateObservation>(
  'LateObservation',
  texts.lateObservationSchema,
);
export const decisionType = avroUnion<Decision>('Decision', texts.decisionSchema, NAMESPACE);
export const partialType = avroUnion<Partial>('Partial', texts.partialSchema, NAMESPACE);
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
export const commitRecordType = avroRecord<CommitRecord>('CommitRecord', texts.commitRecordSchema);
export const stateBlockType = avroRecord<StateBlock>('StateBlock', texts.stateBlockSchema);
