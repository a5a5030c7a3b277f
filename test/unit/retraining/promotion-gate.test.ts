import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../src/core/random.ts';
import {
  promotionGate,
  targetsNeeded,
  type GateVerdict,
  type JudgedModel,
  type Judgement,
} from '../../../src/retraining/promotion-gate.ts';

const COUNT = 672;
const POLICY = { minImprovement: 0.05 };

/**
 * Losses around `level` that share one history, so that differences are small and autocorrelated.
 */
const model = (name: string, level: number, more: Partial<JudgedModel> = {}): JudgedModel => {
  const common = seededRandom('common');
  const own = seededRandom(name);
  const losses = Float64Array.from(
    { length: COUNT },
    () => level * (1 + 0.2 * common.normal() + 0.05 * own.normal()),
  );
  return { name, losses, wape: level / 5, bias: 0.001, ...more };
};

const judgement = (more: Partial<Judgement> = {}): Judgement => ({
  horizon: 24,
  seasons: [24, 168],
  targetsMin: COUNT,
  targets: Float64Array.from({ length: COUNT }, (_, index) => index),
  pairs: COUNT * 24,
  ...{ excluded: 0, rounding: 0 },
  candidate: model('candidate', 0.8),
  champion: model('champion', 0.9),
  naive: [model('slot-mean', 1), model('day-naive', 1.2)],
  ...more,
});

const decide = (more: Partial<Judgement> = {}): GateVerdict =>
  promotionGate(judgement(more), POLICY, 'request-1');

describe('the promotion gate', () => {
  it('promotes what is clearly better than champion and naive, and shows its numbers', () => {
    const verdict = decide();
    expect(verdict).toMatchObject({
      promote: true,
      reasons: [],
      targets: COUNT,
      pairs: COUNT * 24,
    });
    expect(verdict.comparisons.map(({ rival }) => rival)).toEqual(['champion', 'slot-mean']);
    expect(verdict.comparisons[0]?.improvement).toBeCloseTo(1 / 9, 2);
    expect(verdict.checks.every(({ passed }) => passed)).toBe(true);
    expect(JSON.parse(JSON.stringify(verdict))).toEqual(verdict);
  });

  it.each<[string, Partial<Judgement>]>([
    ['improvement on champion', { candidate: model('candidate', 0.87) }],
    ['p-value against champion', { candidate: model('candidate', 0.9) }],
    ['p-value against slot-mean', { candidate: model('candidate', 1.2), champion: null }],
    ['bootstrap lower end against slot-mean', { candidate: model('candidate', 1), champion: null }],
    [
      'improvement on slot-mean',
      { candidate: model('candidate', 1.01), champion: model('champion', 2) },
    ],
    ['|bias|', { candidate: model('candidate', 0.5, { bias: -0.05 }) }],
    ['|bias|', { candidate: model('candidate', 0.5, { bias: null }) }],
    ['target times', { targets: new Float64Array(600) }],
  ])('rejects by its %s', (name, more) => {
    const verdict = decide(more);
    expect(verdict.promote).toBe(false);
    expect(verdict.reasons.some((reason) => reason.startsWith(`${name} is`))).toBe(true);
  });

  it('is content with fewer target times where no more could be judged', () => {
    const lossesOf = (name: string, level: number): JudgedModel => {
      const one = model(name, level);
      return { ...one, losses: one.losses.slice(0, 130) };
    };
    const candidate = lossesOf('candidate', 0.8);
    const few = {
      ...{ candidate, champion: null, naive: [lossesOf('slot-mean', 1)] },
      targets: new Float64Array(130),
    };
    expect(decide({ ...few, targetsMin: 130 }).promote).toBe(true);
    expect(decide(few).reasons).toEqual(['target times is 130, the limit 672']);
  });

  it('wants two horizons of targets, and says so', () => {
    const verdict = decide({ horizon: 400, candidate: model('candidate', 0.4) });
    expect(verdict.promote).toBe(false);
    expect(verdict.reasons).toContain('target times is 672, the limit 800');
  });

  it('asks no share of a first champion, only more than chance', () => {
    const verdict = decide({ champion: null, candidate: model('candidate', 0.97) });
    expect(verdict.promote).toBe(true);
    expect(verdict.comparisons.map(({ rival }) => rival)).toEqual(['slot-mean']);
  });

  it('excuses a bias that the champion has too', () => {
    const champion = model('champion', 0.9, { bias: 0.08 });
    expect(decide({ champion, candidate: model('c', 0.5, { bias: -0.05 }) }).promote).toBe(true);
  });

  it('excuses a bias that rounding to whole numbers may bring, and no more', () => {
    const candidate = model('candidate', 0.5, { bias: -0.3 });
    expect(decide({ candidate, rounding: 0.31 }).promote).toBe(true);
    expect(decide({ candidate, rounding: 0.29 }).reasons).toEqual([
      '|bias| is 0.3, the limit 0.29',
    ]);
  });

  it('rejects where there is nothing to compare with', () => {
    expect(decide({ champion: null, naive: [] })).toMatchObject({
      promote: false,
      reasons: ['there is no rival to compare with'],
    });
    expect(decide({ targets: new Float64Array(0) }).promote).toBe(false);
  });

  it('wants four long seasons of targets, or eight short ones', () => {
    expect([targetsNeeded([24, 168]), targetsNeeded([7])]).toEqual([672, 56]);
  });
});
