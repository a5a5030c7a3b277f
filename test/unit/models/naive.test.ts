import { describe, expect, it } from 'vitest';
import { NaiveLadder } from '../../../src/models/naive.ts';

const NAMES = ['naive-24', 'naive-168', 'slot-mean'];
const { NaN: GAP } = Number;

const climb = (steps: readonly (readonly number[])[], last: number) => {
  const out = new Float64Array(steps.length + 1).fill(-1);
  const naive = Float64Array.of(-1, -1, ...steps.flat());
  const ladder = new NaiveLadder(NAMES, steps.length);
  const rung = ladder.write({ naive, naiveAt: 2, last, out, outAt: 1 });
  return { rung, means: [...out] };
};

describe('the naive ladder', () => {
  it('prefers the slot mean, then the short season, then the long one, then the last value', () => {
    expect(
      climb(
        [
          [1, 2, 3],
          [1, 2, GAP],
          [GAP, 2, GAP],
          [GAP, GAP, GAP],
        ],
        9,
      ),
    ).toEqual({ rung: 'slot-mean', means: [-1, 3, 1, 2, 9] });
  });

  it('is named for the rung of its first step', () => {
    expect(
      climb(
        [
          [1, GAP, GAP],
          [1, 2, 3],
        ],
        9,
      ).rung,
    ).toBe('naive-24');
    expect(
      climb(
        [
          [GAP, GAP, GAP],
          [1, 2, 3],
        ],
        9,
      ).rung,
    ).toBe('last-value');
    expect(climb([[GAP, GAP, GAP]], GAP)).toEqual({ rung: 'none', means: [-1, GAP] });
  });
});
