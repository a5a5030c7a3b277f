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
      schemaHash: 'h',
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

export const DAY = 86_400_000;
/** Event time of day 0, and the clock when it is read: a catch-up, years later. */
export const START = 11_000 * DAY;
export const NOW = 20_000 * DAY;

export interface Told {
  readonly day: number;
  readonly wape?: number;
  readonly sha256?: string;
  readonly kind?: string;
  readonly spanDays?: number;
  readonly scope?: string;
  readonly name?: string;
}

/** Accuracy of the week that ends with a day, of the ladder unless a model is named. */
export const accuracy = (told: Told): FedRecord => {
  const { day, wape = 0.1, sha256 = '', kind = '7d', spanDays = 7, scope = 'model' } = told;
  const end = START + day * DAY;
  const value: Accuracy = {
    scope,
    stream: 's',
    model: {
      ...{ name: told.name ?? 'm', version: 'v', sha256 },
      role: sha256 === '' ? 'fallback' : 'champion',
    },
    window: { kind, start: end - 7 * DAY, end, count: 100 },
    metrics: { wape, span_days: spanDays },
    perStep: [],
    revision: 0,
  };
  return { topic: 's.accuracy', key: 'k', value: SERDES.accuracy.encode(value) };
};

export const drift = (episodeId: string, state: DriftSignal['state']): FedRecord => {
  const sample = { start: 0, end: 1, count: 10, mean: 0 };
  const value: DriftSignal = {
    ...{ scope: 'series:a', stream: 's', model: 'm', detector: 'ks', severity: 'warning' },
    ...{ statistic: 0.3, pValue: 0.001, correctedPValue: 0.01, effectSize: 0.5 },
    ...{ reference: sample, recent: sample, episodeId, state },
  };
  return { topic: 's.drift', key: 'k', value: SERDES.drift.encode(value) };
};

export const at = (days: number) => ({ nowMs: NOW + days * DAY });

/** A task with a champion `aa`, asked for on day 0 and promoted at once. */
export const served = async (): Promise<TopologyDriver> => {
  const task = retrainingDriver();
  const [request] = requestsIn(await task.feed([accuracy({ day: 0 })], at(0)));
  const requestId = request?.id ?? '';
  const decidedAt = NOW;
  await task.feed(
    [
      modelRecord(trained('aa', { requestId, decidedAt })),
      modelRecord(promoted('aa', '', { requestId, decidedAt })),
    ],
    at(0),
  );
  return task;
};
