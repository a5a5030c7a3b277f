import { describe, expect, it } from 'vitest';
import { kolmogorovTail } from '../../../src/drift/kolmogorov.ts';
import { halfEven } from '../../oracles/half-even.ts';
import { distance } from '../../../src/drift/two-sample.ts';
import { twoSampleTest } from '../../oracles/two-sample-test.ts';

describe('kolmogorovTail', () => {
  it.each([
    [0.1, 100, 0.252692757],
    [0.05, 1_000, 0.0130120748],
  ])('equals scipy at d = %f, n = %i', (d, count, expected) => {
    expect(kolmogorovTail(d, count)).toBeCloseTo(expected, 9);
  });

  it('is what one uniform value says by itself: D = max(u, 1 − u)', () => {
    expect(kolmogorovTail(0.75, 1)).toBeCloseTo(0.5, 12);
    expect(kolmogorovTail(0.5, 1)).toBe(1);
    expect(kolmogorovTail(1, 1)).toBe(0);
  });

  it('goes on without a step where one method hands over to the next', () => {
    for (const d of [0.06, 0.09, 0.12, 0.125, 0.13]) {
      const [one, two, three] = [139, 140, 141].map((count) => kolmogorovTail(d, count));
      const slope = (one ?? 0) - (two ?? 0);
      expect((two ?? 0) - (three ?? 0)).toBeCloseTo(slope, 4);
    }
    for (const count of [141, 1_000]) {
      const d = Math.sqrt(2.2 / count);
      expect(kolmogorovTail(d * (1 + 1e-9), count)).toBeCloseTo(
        kolmogorovTail(d * (1 - 1e-9), count),
        5,
      );
    }
  });

  it('falls as the distance grows, at every size', () => {
    for (const count of [2, 3, 10, 140, 141, 2_000]) {
      let before = 1;
      for (let d = 0.01; d < 1; d += 0.01) {
        const tail = kolmogorovTail(d, count);
        expect(tail).toBeLessThanOrEqual(before + 1e-12);
        before = tail;
      }
      expect(before).toBeLessThan(0.001);
    }
  });
});

describe('twoSampleTest', () => {
  const one = Float64Array.from({ length: 50 }, (_, i) => ((37 * i) % 101) / 101);
  const other = Float64Array.from({ length: 80 }, (_, i) => ((53 * i) % 211) / 211 + 0.15);

  it('equals scipy, exact and asymptotic', () => {
    const exact = twoSampleTest(one, other);
    expect(exact.statistic).toBeCloseTo(0.17, 12);
    expect(exact.pValue).toBeCloseTo(0.3001573932, 9);
    const asymptotic = twoSampleTest(one, other, { method: 'asymptotic' });
    expect(asymptotic.pValue).toBeCloseTo(0.2969734645, 9);
  });

  it('counts all six orders of two and two values', () => {
    // D is 1 in the two orders that keep the samples apart.
    const apart = twoSampleTest(Float64Array.of(1, 2), Float64Array.of(3, 4));
    expect(apart).toEqual({ statistic: 1, pValue: 1 - 4 / 6 });
  });

  it('measures the distance after all equal values, whichever sample they are in', () => {
    expect(distance([1, 1, 1], [1, 1, 1])).toBe(0);
    expect(distance([1, 1, 2], [1, 2, 2])).toBeCloseTo(1 / 3, 12);
    expect(distance([1, 2], [3, 4])).toBe(1);
  });

  it('rounds halves to the even number', () => {
    expect([0.5, 1.5, 2.5, 2.4, 2.6].map(halfEven)).toEqual([0, 2, 2, 2, 3]);
  });
});
