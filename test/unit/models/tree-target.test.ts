import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { meanOf, valueOf, type TreeLink } from '../../../src/models/trees/tree-target.ts';

const origin = fc.record({
  start: fc.double({ min: -100, max: 1_000, noNaN: true }),
  scale: fc.double({ min: 0.01, max: 100, noNaN: true }),
});
const actual = fc.double({ min: 0, max: 2_000, noNaN: true });

describe.each<TreeLink>(['identity', 'log'])('a target told by %s', (link) => {
  it('is the mean of its own value', () => {
    fc.assert(
      fc.property(origin, actual, (from, value) => {
        const told = meanOf(link, from, valueOf(link, from, value));
        expect(Math.abs(told - value)).toBeLessThan(1e-8 * Math.max(1, value, from.scale));
      }),
    );
  });

  it('begins at the start, and moves by one scale a unit there', () => {
    const from = { start: 50, scale: 2 };
    expect(meanOf(link, from, 0)).toBe(50);
    expect((meanOf(link, from, 1e-6) - 50) / 1e-6).toBeCloseTo(2, 4);
  });
});

describe('logarithms', () => {
  it('give a value far above the start less weight, and never less than the offset below', () => {
    const from = { start: 10, scale: 4 };
    expect(valueOf('log', from, 100)).toBeLessThan(valueOf('identity', from, 100));
    expect(meanOf('log', from, -1e3)).toBe(-2);
    expect(valueOf('log', from, -5)).toBe(valueOf('log', from, 0));
  });
});
