import type { Json } from '../core/canonical-json.ts';
import { DAY_MS } from '../core/duration.ts';
import { finiteOrNull } from '../core/finite-or-null.ts';
import type { ThresholdCheck } from '../evaluation/thresholds.ts';
import type { DriftSignal } from '../schemas/drift-signal.ts';
import type { RetrainingReason } from '../schemas/retraining-request.ts';

export interface RetrainingPolicy {
  /** A new model is tried at least this often. */
  readonly everyDays: number;
  /** How long accuracy and drift are not listened to after a request or a promotion. */
  readonly coolDownDays: number;
}

/** A request that was made, and where things stood then. */
export interface LastRequest {
  readonly id: string;
  /** Epoch ms by the configured clock. */
  readonly askedAt: number;
  /** Epoch ms: the end of the data that it named. */
  readonly dataUntil: number;
  /** Of the features that the stream had then; what an older tidecast remembers does not say. */
  readonly schemaHash?: string;
}

/** An episode of drift that is confirmed and has not led to a request yet. */
export type DriftEvidence = Pick<
  DriftSignal,
  'episodeId' | 'scope' | 'detector' | 'statistic' | 'correctedPValue' | 'effectSize'
>;

/** A window in which the champion breached a threshold. */
export interface BreachEvidence {
  readonly sha256: string;
  readonly window: { readonly kind: string; readonly start: number; readonly end: number };
  readonly checks: readonly ThresholdCheck[];
}

/** All that the policy decides on. */
export interface RetrainingFacts {
  /** Epoch ms: event time that is complete in every partition; null before anything was scored. */
  readonly dataUntil: number | null;
  /** Of the features that the stream has now. */
  readonly schemaHash: string;
  /** A champion serves; false while the naive ladder does, also in the place of one. */
  readonly isServed: boolean;
  readonly last: LastRequest | null;
  /** The last request has no answer yet. */
  readonly isOutstanding: boolean;
  /** Epoch ms by the configured clock: the last time that the champion changed. */
  readonly changedAt: number | null;
  readonly breach: BreachEvidence | null;
  readonly drifts: readonly DriftEvidence[];
}

/** What is asked for, and the numbers behind it. */
export interface WantedTraining {
  readonly reason: Extract<RetrainingReason, 'schedule' | 'accuracy' | 'drift'>;
  readonly evidence: Readonly<Record<string, Json>>;
}

/**
 * A request without an answer blocks others this long, by the clock and by event time: both, since
 * a demo's clock may run a day in seconds and a catch-up a day of data.
 */
const ANSWER_DAYS = 1;
/** The data must have moved on by this before another model could learn anything new. */
const NEWS_DAYS = 1;
/** Episodes that evidence shows one by one. */
const EPISODES_SHOWN = 5;

/** Whether event time has moved on by so many days since the last request. */
const hasMoved = ({ dataUntil, last }: RetrainingFacts, days: number): boolean =>
  dataUntil !== null && last !== null && dataUntil - last.dataUntil >= days * DAY_MS;

const hasPassed = (sinceMs: number | null, days: number, nowMs: number): boolean =>
  sinceMs === null || nowMs - sinceMs >= days * DAY_MS;

const isWaiting = (facts: RetrainingFacts, nowMs: number): boolean =>
  facts.isOutstanding &&
  !(hasMoved(facts, ANSWER_DAYS) && hasPassed(facts.last?.askedAt ?? null, ANSWER_DAYS, nowMs));

/**
 * Cool by the clock and by event time: a catch-up must not ask for a model for each of its days.
 */
const isCool = (facts: RetrainingFacts, { coolDownDays }: RetrainingPolicy, nowMs: number) =>
  hasMoved(facts, Math.max(NEWS_DAYS, coolDownDays)) &&
  hasPassed(facts.last?.askedAt ?? null, coolDownDays, nowMs) &&
  hasPassed(facts.changedAt, coolDownDays, nowMs);

const scheduled = (
  { dataUntil, last }: RetrainingFacts,
  { everyDays }: RetrainingPolicy,
): WantedTraining => ({
  reason: 'schedule',
  evidence: { everyDays, dataUntil, lastDataUntil: last?.dataUntil ?? null },
});

/** Whether no model of the features that the stream has now was asked for yet. */
const areNew = ({ last, schemaHash }: RetrainingFacts): boolean =>
  last?.schemaHash !== undefined && last.schemaHash !== schemaHash;

const byAccuracy = ({ sha256, window, checks }: BreachEvidence): WantedTraining => ({
  reason: 'accuracy',
  evidence: {
    sha256,
    window: { ...window },
    checks: checks.map(({ metric, value, limit }) => ({
      metric,
      value: finiteOrNull(value),
      limit,
    })),
  },
});

const byDrift = (drifts: readonly DriftEvidence[]): WantedTraining => ({
  reason: 'drift',
  evidence: {
    episodes: drifts.length,
    shown: drifts.slice(0, EPISODES_SHOWN).map((drift) => ({
      ...drift,
      statistic: finiteOrNull(drift.statistic),
      correctedPValue: finiteOrNull(drift.correctedPValue),
      effectSize: finiteOrNull(drift.effectSize),
    })),
  },
});

/**
 * What news of accuracy or drift asks for. A first model is asked for as soon as something was
 * scored, and so is one after features were changed under a champion. While none serves, tries
 * follow each other by event time, so that a catch-up of months has one once the data suffice.
 */
export const wantedByNews = (
  facts: RetrainingFacts,
  policy: RetrainingPolicy,
  nowMs: number,
): WantedTraining | null => {
  if (facts.dataUntil === null || isWaiting(facts, nowMs)) return null;
  if (facts.last === null) return scheduled(facts, policy);
  if (!facts.isServed) {
    return areNew(facts) || hasMoved(facts, Math.max(NEWS_DAYS, policy.everyDays))
      ? scheduled(facts, policy)
      : null;
  }
  if (!isCool(facts, policy, nowMs)) return null;
  if (facts.breach !== null) return byAccuracy(facts.breach);
  return facts.drifts.length > 0 ? byDrift(facts.drifts) : null;
};

/** What the clock asks for: a model at least every so many days, if the data moved on at all. */
export const wantedByClock = (
  facts: RetrainingFacts,
  policy: RetrainingPolicy,
  nowMs: number,
): WantedTraining | null => {
  const { last } = facts;
  if (last === null || !hasMoved(facts, NEWS_DAYS) || isWaiting(facts, nowMs)) return null;
  return hasPassed(last.askedAt, policy.everyDays, nowMs) ? scheduled(facts, policy) : null;
};
