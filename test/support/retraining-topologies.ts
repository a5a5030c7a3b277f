import type { LogRecord, OutgoingRecord } from '../../src/log/log.ts';
import type { Accuracy } from '../../src/schemas/accuracy.ts';
import type { Decision } from '../../src/schemas/decision.ts';
import type { DriftSignal } from '../../src/schemas/drift-signal.ts';
import type { ModelEvent, ModelPromoted, ModelTrained } from '../../src/schemas/model-event.ts';
import type { RetrainingRequest, TopicPosition } from '../../src/schemas/retraining-request.ts';
import type { TopicDefinition } from '../../src/schemas/topic.ts';
import { retraining, type RetrainingOptions } from '../../src/streams/topologies/retraining.ts';
import { valuesOf } from './quality-topologies.ts';
import { structuredSerde } from './structured-serde.ts';
import { TopologyDriver, type FedRecord } from './topology-driver.ts';

export const SERDES = {
  accuracy: structuredSerde<Accuracy>(),
  drift: structuredSerde<DriftSignal>(),
  modelEvent: structuredSerde<ModelEvent>(),
  request: structuredSerde<RetrainingRequest>(),
  decision: structuredSerde<Decision>(),
};

export const topic = (name: string, partitions = 1): TopicDefinition => ({
  name,
  partitions,
  cleanup: 'keep',
});

export const POSITIONS: readonly TopicPosition[] = [
  { topic: 's.observations', partition: 0, next: 17 },
  { topic: 's.scores', partition: 0, next: 4 },
];

export const retrainingDriver = (options: Partial<RetrainingOptions> = {}): TopologyDriver =>
  new TopologyDriver(
    retraining({
      stream: 's',
      accuracy: topic('s.accuracy'),
      drift: topic('s.drift'),
      models: topic('models'),
      requests: topic('retraining-requests', 4),
      decisions: topic('s.decisions'),
      serdes: SERDES,
      policy: { everyDays: 7, coolDownDays: 3 },
      trainingWindowDays: 30,
      windows: [
        { text: '1d', ms: 86_400_000 },
        { text: '7d', ms: 7 * 86_400_000 },
      ],
      thresholds: { wapePercent: 15 },
      positions: async () => POSITIONS,
      ...options,
    }),
  );

const fields = (sha256: string, given: Partial<ModelTrained>) => ({
  stream: 's',
  model: 'm',
  version: `v-${sha256.slice(0, 4)}`,
  sha256,
  actor: 'trainer',
  reason: 'schedule',
  requestId: 'r',
  gate: '{}',
  decidedAt: 0,
  ...given,
});

export const trained = (sha256: string, given: Partial<ModelTrained> = {}): ModelTrained => ({
  ...{ trainer: 'ridge', schemaHash: 'h', horizon: 24, trainedFrom: 0, trainedTo: 1, rows: 10 },
  ...fields(sha256, given),
  type: 'ModelTrained',
});

export const promoted = (
  sha256: string,
  previous: string,
  given: Partial<ModelPromoted> = {},
): ModelPromoted => ({
  ...fields(sha256, {}),
  effectiveFrom: 0,
  previous,
  ...given,
  type: 'ModelPromoted',
});

export const rejected = (sha256: string, requestId: string): ModelEvent => ({
  ...fields(sha256, { requestId }),
  type: 'ModelRejected',
});

export const modelRecord = (event: ModelEvent): FedRecord => ({
  topic: 'models',
  partition: 0,
  key: event.model,
  value: SERDES.modelEvent.encode(event),
});

export const requestsIn = (records: readonly (OutgoingRecord | LogRecord)[]): RetrainingRequest[] =>
  valuesOf(records, 'retraining-requests', SERDES.request);
