import type { FollowedRecord, ListedRecord } from '../online/followed.ts';
import type { ModelVersion } from '../registry/model-fold.ts';
import type { Accuracy } from '../schemas/accuracy.ts';
import type { ModelEvent } from '../schemas/model-event.ts';
import type { Score } from '../schemas/score.ts';
import type { ServedStream } from './options.ts';
import type {
  AccuracyEntry,
  ForecastEvent,
  ScoreEvent,
  ServedEvent,
  ServedModelEvent,
} from './responses.ts';
import { servedForecast } from './served-series.ts';

/** JSON that a record carries as text; as it is when it is none, null when it is empty. */
const parsed = (text: string): unknown => {
  if (text === '') return null;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    // A person may have written plain words.
    return text;
  }
};

const JSON_TEXTS: ReadonlySet<string> = new Set(['gate', 'evidence']);

const readable = (record: object): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(record).map(([name, value]: [string, unknown]) => [
      name,
      JSON_TEXTS.has(name) && typeof value === 'string' ? parsed(value) : value,
    ]),
  );

/** By the configured clock where the record says it, else when the log took it. */
const timeOf = ({ kind, value, place }: ListedRecord): number => {
  if (kind === 'model') return value.decidedAt;
  if (kind === 'drift') return value.recent.end;
  if (kind === 'decision' && value.type === 'ModelAdopted') return value.effectiveFrom;
  return place.appendedAtMs;
};

export const servedEvent = (record: ListedRecord): ServedEvent => {
  const { topic, partition, offset } = record.place;
  return {
    id: `${topic}/${partition}/${offset}`,
    type: record.kind,
    at: timeOf(record),
    stream: record.stream,
    record: readable(record.value),
  };
};

export const servedAccuracy = ({ stream, model, window, metrics }: Accuracy): AccuracyEntry => ({
  stream,
  model: model.name,
  role: model.role,
  version: model.version,
  window: { ...window },
  metrics: { ...metrics },
});

export const servedModelEvent = (
  event: ModelEvent,
  { voided }: Pick<ModelVersion, 'voided'>,
): ServedModelEvent => ({
  type: event.type,
  decidedAt: event.decidedAt,
  actor: event.actor,
  reason: event.reason,
  requestId: event.requestId,
  gate: parsed(event.gate),
  voided: voided.includes(event),
});

const servedScore = (stream: string, score: Score): ScoreEvent => {
  const first = score.steps.find(({ step }) => step === 1);
  return {
    stream,
    seriesId: score.seriesId,
    target: score.target,
    actual: score.actual,
    revision: score.revision,
    past:
      first === undefined
        ? null
        : {
            mean: first.mean,
            intervals: Array.from(score.levels, (level, at) => ({
              level,
              lower: first.lower[at] ?? null,
              upper: first.upper[at] ?? null,
            })),
          },
  };
};

/** The event of `/events` that tells of a record: its name and its data. */
export const streamedEvent = (
  record: FollowedRecord,
  streams: readonly ServedStream[],
): { readonly name: string; readonly data: unknown } | undefined => {
  const { kind } = record;
  if (kind === 'accuracy') return { name: kind, data: servedAccuracy(record.value) };
  if (kind === 'score') return { name: kind, data: servedScore(record.stream, record.value) };
  if (kind !== 'forecast') return { name: kind, data: servedEvent(record) };
  const stream = streams.find(({ name }) => name === record.stream);
  if (stream === undefined) return undefined;
  const { seriesId } = record.value;
  const forecast = servedForecast(record.value, stream);
  const data: ForecastEvent = { stream: stream.name, seriesId, forecast };
  return { name: kind, data };
};
