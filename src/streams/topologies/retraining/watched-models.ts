import {
  checkThresholds,
  decisionWindow,
  isDecisive,
  type AccuracyThresholds,
  type NamedWindow,
} from '../../../evaluation/thresholds.ts';
import { foldRecent, isAnswer, NO_VERSIONS, type ModelLine } from '../../../registry/model-fold.ts';
import type {
  BreachEvidence,
  DriftEvidence,
  LastRequest,
  RetrainingFacts,
} from '../../../retraining/policy.ts';
import type { Accuracy } from '../../../schemas/accuracy.ts';
import type { DriftSignal } from '../../../schemas/drift-signal.ts';
import type { ModelEvent } from '../../../schemas/model-event.ts';
import { jsonStore } from '../../../state/json-store.ts';

/** What is known of one model, and what has been asked for. */
export interface WatchedModel {
  readonly line: ModelLine;
  readonly dataUntil: number | null;
  readonly last: LastRequest | null;
  readonly isOutstanding: boolean;
  /** Ids of requests that were answered, the latest last: a replay reads answers before it asks. */
  readonly answered: readonly string[];
  readonly changedAt: number | null;
  /** Epoch ms: end of the newest window of the champion that was held to the thresholds. */
  readonly judgedUntil: number | null;
  readonly breach: BreachEvidence | null;
  /** Ascending by when they were confirmed. */
  readonly drifts: readonly DriftEvidence[];
  /** How many requests were made: what tells two of the same data apart. */
  readonly requests: number;
}

/** Each is one series of the model; more say nothing that these do not. */
const DRIFTS_MAX = 100;

/** A batch of model events that comes before the news it answers is far shorter. */
const ANSWERED_MAX = 256;

const UNKNOWN: WatchedModel = {
  line: NO_VERSIONS,
  dataUntil: null,
  last: null,
  isOutstanding: false,
  answered: [],
  changedAt: null,
  judgedUntil: null,
  breach: null,
  drifts: [],
  requests: 0,
};

/** By the model's name. */
export const watchedModelsStore = jsonStore<WatchedModel>({
  name: 'watched-models',
  version: 1,
  initial: () => UNKNOWN,
});

export interface WatchOptions {
  readonly windows: readonly NamedWindow[];
  readonly thresholds: AccuracyThresholds;
}

/** `schemaHash`: of the stream's features; a champion that was trained on others cannot serve. */
export const factsOf = ({ line, ...facts }: WatchedModel, schemaHash: string): RetrainingFacts => ({
  ...facts,
  schemaHash,
  isServed: line.versions.some(
    (one) => one.role === 'champion' && (one.schemaHash ?? schemaHash) === schemaHash,
  ),
});

/** A model event settles its request; a new champion starts with a clean slate. */
export const afterModelEvent = (model: WatchedModel, event: ModelEvent): WatchedModel => {
  const line = foldRecent(model.line, event);
  const next = { ...model, line, ...settled(model, event) };
  if (line.champion === model.line.champion) return next;
  return { ...next, changedAt: event.decidedAt, judgedUntil: null, breach: null, drifts: [] };
};

const settled = (
  { last, isOutstanding, answered }: WatchedModel,
  event: ModelEvent,
): Pick<WatchedModel, 'isOutstanding' | 'answered'> => {
  if (!isAnswer(event)) return { isOutstanding, answered };
  return {
    isOutstanding: isOutstanding && event.requestId !== last?.id,
    answered: [...answered, event.requestId].slice(-ANSWERED_MAX),
  };
};

/**
 * Newer accuracy says how far the data reach; the champion's, whether it keeps to the thresholds.
 */
export const afterAccuracy = (
  model: WatchedModel,
  accuracy: Accuracy,
  { windows, thresholds }: WatchOptions,
): WatchedModel => {
  const { scope, window, metrics } = accuracy;
  if (scope !== 'model') return model;
  const next = { ...model, dataUntil: Math.max(model.dataUntil ?? -Infinity, window.end) };
  if (!isJudged(next, accuracy, decisionWindow(windows)?.text)) return next;
  const { sha256 } = accuracy.model;
  const { kind, start, end } = window;
  const checks = checkThresholds(metrics, thresholds).filter(({ isBreached }) => isBreached);
  const breach = checks.length > 0 ? { sha256, window: { kind, start, end }, checks } : null;
  return { ...next, judgedUntil: end, breach };
};

/**
 * Whether the thresholds are for this record: of who serves, over the window that decides, and new.
 */
const isJudged = (
  { line, judgedUntil }: WatchedModel,
  accuracy: Accuracy,
  kind: string | undefined,
): boolean => {
  const { model, window } = accuracy;
  const isServing = model.role === 'champion' && model.sha256 === line.champion;
  const isNew = window.end >= (judgedUntil ?? -Infinity);
  return isServing && isNew && window.kind === kind && isDecisive(accuracy);
};

/** A confirmed episode is listened to until it is cleared or has led to a request. */
export const afterDrift = (model: WatchedModel, signal: DriftSignal): WatchedModel => {
  const { episodeId, scope, detector, statistic, correctedPValue, effectSize, state } = signal;
  if (state === 'suspected') return model;
  const others = model.drifts.filter((drift) => drift.episodeId !== episodeId);
  if (state === 'cleared') return { ...model, drifts: others };
  const drift = { episodeId, scope, detector, statistic, correctedPValue, effectSize };
  return { ...model, drifts: [...others, drift].slice(0, DRIFTS_MAX) };
};

/** What led to a request has been answered by it: only what comes later asks again. */
export const afterRequest = (model: WatchedModel, last: LastRequest): WatchedModel => ({
  ...model,
  last,
  isOutstanding: !model.answered.includes(last.id),
  breach: null,
  drifts: [],
  requests: model.requests + 1,
});

/** A clock that was set back starts its spans anew, so that no model waits for it to catch up. */
export const withinClock = (model: WatchedModel, nowMs: number): WatchedModel => {
  const { last, changedAt } = model;
  const isAhead = (last?.askedAt ?? -Infinity) > nowMs || (changedAt ?? -Infinity) > nowMs;
  if (!isAhead) return model;
  return {
    ...model,
    last: last === null ? null : { ...last, askedAt: Math.min(last.askedAt, nowMs) },
    changedAt: changedAt === null ? null : Math.min(changedAt, nowMs),
  };
};
