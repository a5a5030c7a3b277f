import type { Accuracy } from '../schemas/accuracy.ts';
import type { Alert } from '../schemas/alert.ts';
import type { Decision } from '../schemas/decision.ts';
import type { DriftSignal } from '../schemas/drift-signal.ts';
import type { Forecast } from '../schemas/forecast.ts';
import type { ModelEvent } from '../schemas/model-event.ts';
import type { RetrainingRequest } from '../schemas/retraining-request.ts';
import type { Score } from '../schemas/score.ts';

/** What each followed topic holds, by the kind of its records. */
export interface FollowedValues {
  readonly forecast: Forecast;
  readonly score: Score;
  readonly decision: Decision;
  readonly accuracy: Accuracy;
  readonly drift: DriftSignal;
  readonly model: ModelEvent;
  readonly alert: Alert;
  readonly 'retraining-request': RetrainingRequest;
}

export type FollowedKind = keyof FollowedValues;

/** Where a record lies and when it came there. */
export interface Place {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly appendedAtMs: number;
}

interface Kinded<K extends FollowedKind> {
  readonly kind: K;
  readonly stream: string;
  readonly value: FollowedValues[K];
  readonly place: Place;
}

/** A record of a followed topic, read. */
export type FollowedRecord = { [K in FollowedKind]: Kinded<K> }[FollowedKind];

/** Of what is followed, what people want to hear of; forecasts and scores are heard by series. */
export type NotableRecord = Exclude<FollowedRecord, { readonly kind: 'forecast' | 'score' }>;

/** Kinds of records that are worth a line in a list of events. Accuracy comes too often for one. */
export type ListedRecord = Exclude<NotableRecord, { readonly kind: 'accuracy' }>;

export const isNotable = (record: FollowedRecord): record is NotableRecord => {
  switch (record.kind) {
    case 'forecast':
    case 'score':
      return false;
    case 'decision':
      // Series fall silent by the thousand: their states say so, and a list of events would drown.
      return record.value.type === 'ModelAdopted';
    case 'accuracy':
      return record.value.scope === 'model';
    case 'drift':
    case 'model':
    case 'alert':
    case 'retraining-request':
      return true;
  }
};

export const isListed = (record: FollowedRecord): record is ListedRecord =>
  isNotable(record) && record.kind !== 'accuracy';
