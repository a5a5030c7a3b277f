import { describe, expect, it } from 'vitest';
import { DAY_MS } from '../../../src/core/duration.ts';
import { seededRandom } from '../../../src/core/random.ts';
import { RecentErrors } from '../../../src/online/recent-errors.ts';
import { randomScore, scoreOf, stepOf } from '../../support/scores.ts';

describe('recent errors', () => {
  it('say nothing before anything was scored', () => {
    const summary = new RecentErrors().summary();
    expect(summary).toMatchObject({ count: 0, wape: null, mase: null, bias: null, skill: null });
  });

  it('are the shares of one score', () => {
    const errors = new RecentErrors();
    // actual 10, mean 12, opponents 13 and 14, scale 2, [9, 15] and [8, 16]
    errors.take(scoreOf());
    errors.take(
      scoreOf({ actual: 20, steps: [stepOf({ mean: 18, naive: Float32Array.of(19, 30) })] }),
    );
    const summary = errors.summary();
    expect(summary.count).toBe(2);
    expect(summary.wape).toBeCloseTo(4 / 30, 12);
    expect(summary.bias).toBeCloseTo(0, 12);
    expect(summary.mase).toBeCloseTo(1, 12);
    expect(summary.naive['naive-24']).toBeCloseTo(4 / 30, 12);
    expect(summary.naive['slot-mean']).toBeCloseTo(14 / 30, 12);
    expect(summary.skill).toBeCloseTo(0, 12);
    expect(summary.coverage).toEqual([
      { level: 80, share: 0.5 },
      { level: 95, share: 0.5 },
    ]);
  });

  it('count an actual on a published bound as inside, as accuracy does', () => {
    const errors = new RecentErrors();
    // As float32, in which bounds are published, 0.7 is a little less.
    const upper = Float32Array.of(0.7, 0.8);
    errors.take(scoreOf({ actual: 0.7, steps: [stepOf({ mean: 0.6, lower: upper, upper })] }));
    expect(errors.summary().coverage).toEqual([
      { level: 80, share: 1 },
      { level: 95, share: 0 },
    ]);
  });

  it('compare with an opponent over the pairs that both have', () => {
    const errors = new RecentErrors();
    errors.take(scoreOf({ steps: [stepOf({ naive: Float32Array.of(Number.NaN, 14) })] }));
    errors.take(scoreOf({ steps: [stepOf({ mean: 11, naive: Float32Array.of(11, 14) })] }));
    const { naive, skill } = errors.summary();
    expect(naive['naive-24']).toBeCloseTo(1 / 10, 12);
    // 1 − 1/1 against the first, 1 − 3/8 against the second.
    expect(skill).toBeCloseTo(0, 12);
  });

  it('have no skill beside an opponent that is never off', () => {
    const errors = new RecentErrors();
    errors.take(scoreOf({ steps: [stepOf({ naive: Float32Array.of(10, 14) })] }));
    expect(errors.summary()).toMatchObject({ naive: { 'naive-24': 0 }, skill: null });
  });

  it('forget days that are a week old, and do not take them again', () => {
    const errors = new RecentErrors();
    errors.take(scoreOf({ target: 0 }));
    errors.take(scoreOf({ target: 6 * DAY_MS }));
    expect(errors.summary().count).toBe(2);
    errors.take(scoreOf({ target: 7 * DAY_MS }));
    expect(errors.summary().count).toBe(2);
    errors.take(scoreOf({ target: 0 }));
    expect(errors.summary().count).toBe(2);
  });

  it('take out what a correction supersedes', () => {
    const random = seededRandom('corrections');
    const corrected = new RecentErrors();
    const calm = new RecentErrors();
    for (let at = 0; at < 500; at += 1) {
      const right = randomScore(random, { horizon: 6 });
      const wrong = { ...right, actual: right.actual + random.normal() };
      calm.take(right);
      corrected.take(wrong);
      corrected.take({ ...right, revision: 1, supersededActual: wrong.actual });
    }
    const { naive, coverage, count, ...shares } = corrected.summary();
    const expected = calm.summary();
    expect(count).toBe(expected.count);
    expect(count).toBeGreaterThan(1_000);
    expect(coverage).toEqual(expected.coverage);
    for (const name of ['wape', 'mase', 'bias', 'skill'] as const) {
      expect(shares[name]).toBeCloseTo(expected[name] ?? Number.NaN, 9);
    }
    expect(naive['slot-mean']).toBeCloseTo(expected.naive['slot-mean'] ?? Number.NaN, 9);
  });

  it('begin anew with other opponents, since sums of both would say nothing', () => {
    const errors = new RecentErrors();
    errors.take(scoreOf());
    errors.take(scoreOf({ naiveNames: ['last'], steps: [stepOf({ naive: Float32Array.of(10) })] }));
    expect(errors.summary().count).toBe(1);
    expect(Object.keys(errors.summary().naive)).toEqual(['last']);
  });

  it('leave out what is no number', () => {
    const errors = new RecentErrors();
    errors.take(scoreOf({ steps: [stepOf({ mean: Number.NaN })] }));
    errors.take(scoreOf({ steps: [stepOf({ lower: Float32Array.of(Number.NaN, 8), scale: 0 })] }));
    const summary = errors.summary();
    expect(summary).toMatchObject({ count: 1, mase: null });
    expect(summary.coverage).toEqual([
      { level: 80, share: null },
      { level: 95, share: 1 },
    ]);
  });
});
