import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../src/core/random.ts';
import { Slab } from '../../../src/state/slab.ts';
import {
  ErrorRings,
  errorRingsStore,
} from '../../../src/streams/topologies/monitoring/error-rings.ts';

const CAPACITY = 50;

/** Reads of [from, to) beside what a map of all that was written says. */
const readBoth = (periods: readonly number[], from: number, to: number) => {
  const rings = new ErrorRings(new Slab(errorRingsStore(CAPACITY)));
  const row = rings.open('a', 1, periods[0] ?? 0);
  const written = new Map<number, number>();
  for (const [index, period] of periods.entries()) {
    rings.write(row, period, index + 1);
    written.set(period, index + 1);
  }
  const expected = Float64Array.from(
    { length: to - from },
    (_, index) => written.get(from + index) ?? Number.NaN,
  );
  return { errors: rings.read(row, from, to), expected };
};

describe('error rings', () => {
  it.each([0, 500_000, 29_000_000])(
    'hold the last periods, with gaps and out of order, from period %i on',
    (first) => {
      const random = seededRandom(`rings ${first}`);
      const periods = Array.from({ length: 300 }, (_, index) => first + index).filter(
        () => random.next() < 0.7,
      );
      for (let index = 5; index < periods.length; index += 5) {
        const [one, other] = [periods[index - 2] ?? 0, periods[index] ?? 0];
        periods[index] = one;
        periods[index - 2] = other;
      }
      const last = Math.max(...periods);
      const { errors, expected } = readBoth(periods, last + 1 - CAPACITY, last + 1);
      expect(errors).toEqual(expected);
      expect(errors.filter((error) => error > 0).length).toBeGreaterThan(CAPACITY / 2);
    },
  );

  it('say nothing of what they have gone past, nor take it in', () => {
    // Sixteen times round the ring, which holds seven blocks of nine.
    const later = 1_000 + 16 * 7 * 9;
    const { errors } = readBoth([1_000, later, 1_001], 900, 1_100);
    expect(errors.every(Number.isNaN)).toBe(true);
    const jumped = readBoth([1_000, later], later - 40, later + 1);
    expect(jumped.errors).toEqual(jumped.expected);
  });

  it('hold nothing of what was before 1970', () => {
    const { errors } = readBoth([-3, -2, -1, 0, 1], -40, 2);
    expect([...errors.slice(40)]).toEqual([4, 5]);
    expect(errors.slice(0, 40).every(Number.isNaN)).toBe(true);
  });

  it('begin anew with another model', () => {
    const rings = new ErrorRings(new Slab(errorRingsStore(CAPACITY)));
    rings.write(rings.open('a', 1, 1_000), 1_000, 5);
    const row = rings.open('a', 2, 1_010);
    expect([rings.serialOf(row), rings.startOf(row)]).toEqual([2, 1_010]);
    rings.keepWorth(row, 7, { errors: 0.5, losses: 0.25 });
    expect(rings.worthAt(row, 7)).toEqual({ errors: 0.5, losses: 0.25 });
    expect(rings.worthAt(row, 8)).toBeUndefined();
    expect(rings.read(row, 1_000, 1_001)).toEqual(Float64Array.of(5));
  });
});
