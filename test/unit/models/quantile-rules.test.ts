import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../src/core/random.ts';
import { quantileRules, type IntervalRule } from '../../../src/models/quantile-rules.ts';

const LEVELS = [80, 95];
/** What exponential scores stay below as often as each level says. */
const START = LEVELS.map((level) => -Math.log(1 - level / 100));

/** Lets q follow scores; the share that it covered, level by level, and all that it was. */
const follow = (rule: IntervalRule, scores: readonly number[]) =>
  quantileRules(LEVELS, { rule, gain: 0.05 }).map((next, level) => {
    const start = START[level] ?? 0;
    let q = start;
    let covered = 0;
    const path: number[] = [];
    for (const score of scores) {
      const missed = Number(score > q);
      covered += 1 - missed;
      q = Math.max(0, next(q, start, missed));
      path.push(q);
    }
    return { share: covered / scores.length, path };
  });

const exponential = (count: number, size: (at: number) => number): number[] => {
  const random = seededRandom('scores');
  return Array.from({ length: count }, (_, at) => -Math.log(1 - random.next()) * size(at));
};

describe.each<IntervalRule>(['p-control', 'aci'])('intervals by %s', (rule) => {
  it('cover what they say of scores that are as they began, and of others', () => {
    for (const size of [1, 0.5, 1.5]) {
      for (const [level, { share }] of follow(
        rule,
        exponential(20_000, () => size),
      ).entries()) {
        expect(Math.abs(share - (LEVELS[level] ?? 0) / 100), `${size}`).toBeLessThan(0.01);
      }
    }
  });

  it('stay where they are where just as much is missed as allowed', () => {
    for (const [level, next] of quantileRules(LEVELS, { rule, gain: 0.05 }).entries()) {
      const start = START[level] ?? 0;
      expect(next(start, start, 1 - (LEVELS[level] ?? 0) / 100)).toBeCloseTo(start, 12);
    }
  });
});

describe('adaptive conformal inference', () => {
  it('is never infinite, however long all is missed, nor below 0, however little', () => {
    const [missed, covered] = [Infinity, 0].map((score) =>
      follow('aci', Array<number>(5_000).fill(score)),
    );
    for (const [level, { path }] of (missed ?? []).entries()) {
      const most = Math.log(0.02 * (1 - (LEVELS[level] ?? 0) / 100));
      expect(path.at(-1)).toBeCloseTo(-most, 9);
    }
    for (const { path } of covered ?? []) expect(path.at(-1)).toBe(0);
  });

  it('comes back from there', () => {
    const shift = exponential(30_000, (at) => (at < 1_000 ? 100 : 1));
    for (const { path } of follow('aci', shift)) {
      expect(path[999]).toBeGreaterThan(3);
      expect(path.at(-1)).toBeLessThan(4);
    }
  });
});
