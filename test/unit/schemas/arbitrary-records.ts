import * as fc from 'fast-check';
import type { Accuracy } from '../../../src/schemas/accuracy.ts';
import type { Alert } from '../../../src/schemas/alert.ts';
import type { Claim } from '../../../src/schemas/claim.ts';
import type { CommitRecord } from '../../../src/schemas/commit-record.ts';
import type { DeadLetter } from '../../../src/schemas/dead-letter.ts';
import type { Decision } from '../../../src/schemas/decision.ts';
import type { DriftSignal } from '../../../src/schemas/drift-signal.ts';
import type { ModelEvent } from '../../../src/schemas/model-event.ts';
import type { ErrorSums, PartialRecord } from '../../../src/schemas/partial.ts';
import type { RetrainingRequest } from '../../../src/schemas/retraining-request.ts';
import {
  featureVector,
  forecast,
  lateObservation,
  modelRef,
  observation,
  score,
  source,
  stateBlock,
} from './arbitrary-hot-records.ts';
import {
  bytes,
  dictionary,
  double,
  doubles,
  int,
  long,
  text,
  texts,
  time,
} from './arbitrary-values.ts';

const decided = { stream: text, task: text, source };
const decision: fc.Arbitrary<Decision> = fc.oneof(
  fc.record({
    type: fc.constant('ModelAdopted' as const),
    ...decided,
    role: fc.constantFrom('champion' as const, 'shadow' as const),
    model: fc.option(modelRef),
    effectiveFrom: time,
  }),
  fc.record({
    type: fc.constant('PartitionIdle' as const),
    ...decided,
    idle: fc.boolean(),
    watermark: time,
  }),
  fc.record({
    type: fc.constant('SeriesStale' as const),
    ...decided,
    seriesId: text,
    state: fc.constantFrom('stale' as const, 'dead' as const, 'alive' as const),
    lastEventTime: time,
  }),
  fc.record({
    type: fc.constant('ScheduleTick' as const),
    ...decided,
    schedule: text,
    tickAt: time,
  }),
);

const sums: fc.Arbitrary<readonly Float64Array[]> = fc.array(doubles, { maxLength: 3 });
const errorSums: fc.Arbitrary<ErrorSums> = fc.record({
  count: long,
  excluded: long,
  absoluteError: doubles,
  absoluteActual: doubles,
  squaredError: doubles,
  signedError: doubles,
  percentageError: doubles,
  percentageCount: long,
  symmetricError: doubles,
  scaledError: doubles,
  scaledCount: long,
  intervalCount: doubles,
  covered: doubles,
  winkler: sums,
  width: sums,
  naiveAbsoluteError: sums,
  naiveExcluded: doubles,
  naiveExcludedError: sums,
});

const manySums: fc.Arbitrary<readonly ErrorSums[]> = fc.array(errorSums, { maxLength: 2 });

const partial: fc.Arbitrary<PartialRecord> = fc.oneof(
  fc.record({
    type: fc.constant('AccuracyPartial' as const),
    model: text,
    version: text,
    sha256: text,
    role: text,
    scope: text,
    windowStart: time,
    windowEnd: time,
    partition: int,
    revision: int,
    levels: doubles,
    naiveNames: texts,
    total: errorSums,
    perStep: manySums,
  }),
  fc.record({
    type: fc.constant('SeriesStatistic' as const),
    model: text,
    version: text,
    sha256: text,
    seriesId: text,
    tick: time,
    partition: int,
    detector: text,
    statistic: double,
    pValue: double,
    effectSize: double,
    referenceCount: long,
    recentCount: long,
    effectiveSize: double,
    referenceStart: time,
    recentStart: time,
    referenceMean: double,
    recentMean: double,
    referenceLoss: double,
    recentLoss: double,
    lossPValue: double,
  }),
);

const metrics = dictionary(fc.option(double));
const accuracy: fc.Arbitrary<Accuracy> = fc.record({
  scope: text,
  stream: text,
  model: modelRef,
  window: fc.record({ kind: text, start: time, end: time, count: long }),
  metrics,
  perStep: fc.array(metrics, { maxLength: 3 }),
  revision: int,
});

const sample = fc.record({ start: time, end: time, count: long, mean: double });
const severity = fc.constantFrom('info' as const, 'warning' as const, 'critical' as const);
const driftSignal: fc.Arbitrary<DriftSignal> = fc.record({
  scope: text,
  stream: text,
  model: text,
  detector: text,
  statistic: double,
  pValue: double,
  correctedPValue: double,
  effectSize: double,
  reference: sample,
  recent: sample,
  severity,
  episodeId: text,
  state: fc.constantFrom('suspected', 'confirmed', 'cleared'),
});

const alert: fc.Arbitrary<Alert> = fc.record({
  id: text,
  stream: text,
  kind: text,
  severity,
  state: fc.constantFrom('firing', 'resolved'),
  scope: text,
  message: text,
  evidence: text,
});

const retrainingRequest: fc.Arbitrary<RetrainingRequest> = fc.record({
  id: text,
  model: text,
  stream: text,
  reason: fc.constantFrom('schedule', 'accuracy', 'drift', 'manual', 'rollback', 'promotion'),
  evidence: text,
  trainingWindow: fc.record({
    start: time,
    end: time,
    offsets: fc.array(fc.record({ topic: text, partition: int, next: long }), { maxLength: 3 }),
  }),
});

const event = {
  stream: text,
  model: text,
  version: text,
  sha256: text,
  actor: text,
  reason: text,
  requestId: text,
  gate: text,
  decidedAt: time,
};
const modelEvent: fc.Arbitrary<ModelEvent> = fc.oneof(
  fc.record({
    type: fc.constant('ModelTrained' as const),
    ...event,
    trainer: text,
    schemaHash: text,
    horizon: int,
    trainedFrom: time,
    trainedTo: time,
    rows: long,
  }),
  fc.record({
    type: fc.constant('ModelPromoted' as const),
    ...event,
    previous: text,
    effectiveFrom: time,
  }),
  fc.record({ type: fc.constant('ModelRejected' as const), ...event }),
  fc.record({ type: fc.constant('ModelRolledBack' as const), ...event, previous: text }),
  fc.record({ type: fc.constant('ModelArchived' as const), ...event }),
);

const deadLetter: fc.Arbitrary<DeadLetter> = fc.record({
  origin: source,
  key: fc.option(bytes),
  value: fc.option(bytes),
  reason: text,
  detail: text,
  topology: text,
  version: text,
  attempts: int,
});

const claim: fc.Arbitrary<Claim> = fc.record({ instance: text, address: text, claimedAtMs: time });

const commitRecord: fc.Arbitrary<CommitRecord> = fc.record({
  seq: long,
  positions: fc.array(fc.record({ topic: text, partition: int, next: long }), { maxLength: 3 }),
  watermarks: fc.array(
    fc.record({
      topic: text,
      partition: int,
      watermark: fc.option(time),
      idle: fc.boolean(),
      asleep: fc.boolean(),
      sources: text,
      reached: fc.option(time),
    }),
    { maxLength: 3 },
  ),
  frequency: text,
});

/** Random values of every record, with the corners of every Avro type among them. */
export const arbitrary = {
  observation,
  featureVector,
  forecast,
  score,
  lateObservation,
  stateBlock,
  decision,
  partial,
  accuracy,
  driftSignal,
  alert,
  retrainingRequest,
  modelEvent,
  deadLetter,
  claim,
  commitRecord,
};
