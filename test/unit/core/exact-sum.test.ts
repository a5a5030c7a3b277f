import { describe, expect, it } from 'vitest';
import { addExact, exactValue } from '../../../src/core/exact-sum.ts';
import { seededRandom } from '../../../src/core/random.ts';

const sumOf = (terms: Iterable<number>): number => {
  const partials: number[] = [];
  for (const term of terms) addExact(partials, term);
  return exactValue(partials);
};

/** Terms of mixed signs and 60 orders of magnitude, most of which cancel. */
const wildTerms = (seed: number): number[] => {
  const random = seededRandom(seed);
  const terms = Array.from({ length: 60 }, () => random.normal() * 10 ** (random.int(60) - 30));
  return [...terms, ...terms.slice(0, 40).map((term) => -term)];
};

/** Exact in integers: every double is a whole multiple of 2^-1074. */
const oracle = (terms: readonly number[]): number => {
  const scaled = (value: number): bigint => {
    const bits = new BigUint64Array(Float64Array.of(value).buffer)[0] ?? 0n;
    const exponent = Number((bits >> 52n) & 0x7ffn);
    const fraction = bits & 0xfffffffffffffn;
    const whole =
      exponent === 0 ? fraction : (fraction | 0x10000000000000n) << BigInt(exponent - 1);
    return value < 0 ? -whole : whole;
  };
  let total = 0n;
  for (const term of terms) total += scaled(term);
  const negative = total < 0n;
  const whole = negative ? -total : total;
  const bits = whole.toString(2).length;
  const drop = BigInt(Math.max(0, bits - 53));
  let kept = whole >> drop;
  const rest = whole - (kept << drop);
  const half = drop === 0n ? 0n : 1n << (drop - 1n);
  if (rest > half || (rest === half && half > 0n && (kept & 1n) === 1n)) kept += 1n;
  const value = Number(kept) * 2 ** (Number(drop) - 537) * 2 ** -537;
  return negative ? -value : value;
};

describe('an exact sum', () => {
  // Cases and results of CPython's test_math.testFsum.
  it.each([
    [[], 0],
    [[0], 0],
    [[1e100, 1, -1e100, 1e-100, 1e50, -1, -1e50], 1e-100],
    [[2 ** 53, -0.5, -(2 ** -54)], 2 ** 53 - 1],
    [[2 ** 53, 1, 2 ** -100], 2 ** 53 + 2],
    [[2 ** 53 + 10, 1, 2 ** -100], 2 ** 53 + 12],
    [[2 ** 53 - 4, 0.5, 2 ** -54], 2 ** 53 - 3],
    [[1e16, 1, 1e-16], 10000000000000002],
    [[1e16 - 2, 1 - 2 ** -53, -(1e16 - 2), -(1 - 2 ** -53)], 0],
  ])('of %j is %d', (terms, sum) => {
    expect(sumOf(terms)).toBe(sum);
  });

  it('is correctly rounded and the same in any order', () => {
    let compared = 0;
    for (let seed = 0; seed < 400; seed += 1) {
      const terms = wildTerms(seed);
      const random = seededRandom(`order ${seed}`);
      const shuffled = terms
        .map((term) => ({ term, key: random.next() }))
        .sort((a, b) => a.key - b.key)
        .map(({ term }) => term);
      const expected = oracle(terms);
      expect(sumOf(terms)).toBe(expected);
      expect(sumOf(shuffled)).toBe(expected);
      if (expected !== terms.reduce((sum, term) => sum + term, 0)) compared += 1;
    }
    // Plain addition fails nearly always, or the terms would prove nothing.
    expect(compared).toBeGreaterThan(300);
  });

  it('is the same when halves are merged', () => {
    const terms = wildTerms(7);
    const left: number[] = [];
    const right: number[] = [];
    for (const [index, term] of terms.entries()) addExact(index % 2 === 0 ? left : right, term);
    for (const partial of right) addExact(left, partial);
    expect(exactValue(left)).toBe(oracle(terms));
  });
});
