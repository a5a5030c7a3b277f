import { describe, expect, it } from 'vitest';
import {
  wantedByClock,
  wantedByNews,
  type DriftEvidence,
  type RetrainingFacts,
} from '../../../src/retraining/policy.ts';

const DAY = 86_400_000;
const POLICY = { everyDays: 7, coolDownDays: 3 };
/** Of the clock; event time begins elsewhere. */
const NOW = 1_000 * DAY;
const DATA = 100 * DAY;

const breach = {
  sha256: 'aa',
  window: { kind: '7d', start: DATA - 7 * DAY, end: DATA },
  checks: [{ metric: 'wapePercent' as const, value: 21, limit: 15, isBreached: true }],
};

const drift: DriftEvidence = {
  episodeId: 'e1',
  scope: 'series:a',
  detector: 'ks',
  statistic: 0.3,
  correctedPValue: 0.001,
  effectSize: Number.NaN,
};

const asked = (daysAgo: number, dataDaysAgo = daysAgo) => ({
  id: 'r1',
  askedAt: NOW - daysAgo * DAY,
  dataUntil: DATA - dataDaysAgo * DAY,
});

const factsOf = (given: Partial<RetrainingFacts> = {}): RetrainingFacts => ({
  dataUntil: DATA,
  schemaHash: 'h',
  isServed: true,
  last: asked(30),
  isOutstanding: false,
  changedAt: null,
  breach: null,
  drifts: [],
  ...given,
});

const byNews = (given: Partial<RetrainingFacts>) => wantedByNews(factsOf(given), POLICY, NOW);
const byClock = (given: Partial<RetrainingFacts>) => wantedByClock(factsOf(given), POLICY, NOW);

describe('the retraining policy, on news', () => {
  it.each<[string, Partial<RetrainingFacts>, string | undefined]>([
    ['a first model once something was scored', { last: null, isServed: false }, 'schedule'],
    ['none before that', { last: null, isServed: false, dataUntil: null }, undefined],
    ['none while all is well', {}, undefined],
    ['one when accuracy breaches', { breach }, 'accuracy'],
    ['one when drift is confirmed', { drifts: [drift] }, 'drift'],
    ['one for accuracy before one for drift', { breach, drifts: [drift] }, 'accuracy'],
    ['none within the cool-down of the clock', { breach, last: asked(2.9, 30) }, undefined],
    ['none within the cool-down of event time', { breach, last: asked(30, 2.9) }, undefined],
    ['one when both have passed', { breach, last: asked(3) }, 'accuracy'],
    ['none soon after a promotion', { breach, changedAt: NOW - 2.9 * DAY }, undefined],
    ['one once a promotion is old', { breach, changedAt: NOW - 3 * DAY }, 'accuracy'],
    ['none while one is outstanding', { breach, isOutstanding: true, last: asked(0.9) }, undefined],
    ['one when the answer is overdue', { breach, isOutstanding: true }, 'accuracy'],
    [
      'none when only the clock ran on',
      { breach, isOutstanding: true, last: asked(9, 0.9) },
      undefined,
    ],
  ])('asks for %s', (_claim, given, reason) => {
    expect(byNews(given)?.reason).toBe(reason);
  });

  it('tries again by event time while nothing serves, however little the clock moved', () => {
    const unserved = { isServed: false };
    expect(byNews({ ...unserved, last: asked(0, 6.9) })).toBeNull();
    expect(byNews({ ...unserved, last: asked(0, 7) })?.reason).toBe('schedule');
    expect(byNews({ ...unserved, last: asked(0, 7), isOutstanding: true })).toBeNull();
  });

  it('tries at once when features were changed under a champion, and once for each change', () => {
    const last = asked(0);
    const unserved = { isServed: false };
    expect(byNews({ ...unserved, last: { ...last, schemaHash: 'g' } })?.reason).toBe('schedule');
    expect(byNews({ ...unserved, last: { ...last, schemaHash: 'h' } })).toBeNull();
    expect(byNews({ ...unserved, last })).toBeNull();
    // One that was asked for by hand has been promoted meanwhile.
    expect(byNews({ last: { ...last, schemaHash: 'g' } })).toBeNull();
    const waiting = { ...unserved, isOutstanding: true };
    expect(byNews({ ...waiting, last: { ...last, schemaHash: 'g' } })).toBeNull();
  });

  it('shows its numbers, in what JSON can write', () => {
    expect(byNews({ breach })?.evidence).toEqual({
      sha256: 'aa',
      window: breach.window,
      checks: [{ metric: 'wapePercent', value: 21, limit: 15 }],
    });
    const many = Array.from({ length: 9 }, () => drift);
    expect(byNews({ drifts: many })?.evidence).toMatchObject({ episodes: 9 });
    expect(byNews({ drifts: many })?.evidence['shown']).toHaveLength(5);
    expect(byNews({ drifts: [drift] })?.evidence['shown']).toEqual([
      { ...drift, effectSize: null },
    ]);
  });
});

describe('the retraining policy, by the clock', () => {
  it.each<[string, Partial<RetrainingFacts>, string | undefined]>([
    ['one when the days have passed', { last: asked(7) }, 'schedule'],
    ['none before', { last: asked(6.9, 30) }, undefined],
    ['none when the data stand still', { last: asked(30, 0.9) }, undefined],
    ['none before anything was asked for', { last: null }, undefined],
    ['none before anything was scored', { dataUntil: null }, undefined],
    ['none while one is outstanding', { last: asked(7, 0.5), isOutstanding: true }, undefined],
    ['one when the answer is overdue', { last: asked(7), isOutstanding: true }, 'schedule'],
  ])('asks for %s', (_claim, given, reason) => {
    expect(byClock(given)?.reason).toBe(reason);
  });

  it('does not ask for one every tick of a fast clock', () => {
    const policy = { everyDays: 0.01, coolDownDays: 0 };
    expect(wantedByClock(factsOf({ last: asked(1, 0.5) }), policy, NOW)).toBeNull();
  });
});
