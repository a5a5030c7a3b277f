// Hot file: indices are in range by construction (a layout counts its words), so typed-array reads
// are narrowed with `as number`.
import { addExact, exactValue, type ExactSum } from '../core/exact-sum.ts';

/** What did not fit into the two words of a sum, by its index; seldom needed. */
export type Spill = Map<number, ExactSum>;

/** Sums side by side. */
export interface TwoWordSums {
  readonly firsts: Float64Array;
  readonly seconds: Float64Array;
  readonly spill: Spill;
}

/** Terms must be smaller, so that no sum of fewer than 2^20 of them overflows. */
export const TERM_MAX = 2 ** 1_000;

/**
 * Adds each term in [from, to) to its sum without rounding: what the first word loses goes to the
 * second, and what that one loses, almost never, to the spill; some 12 flops. One loop, since a
 * number that a function is called with is boxed.
 * @see Knuth, The Art of Computer Programming 2, 4.2.2, theorem B (TwoSum)
 */
export const addTerms = (
  { firsts, seconds, spill }: TwoWordSums,
  terms: Float64Array,
  { from, to }: { readonly from: number; readonly to: number },
): void => {
  for (let index = from; index < to; index += 1) {
    const term = terms[index] as number;
    if (term === 0) continue;
    const first = firsts[index] as number;
    const sum = first + term;
    const part = sum - first;
    const lost = first - (sum - part) + (term - part);
    firsts[index] = sum;
    const second = seconds[index] as number;
    const rest = second + lost;
    const piece = rest - second;
    seconds[index] = rest;
    const left = second - (rest - piece) + (lost - piece);
    if (left !== 0) addSpill(spill, index, left);
  }
};

const addSpill = (spill: Spill, at: number, term: number): void => {
  const found = spill.get(at);
  if (found !== undefined) {
    addExact(found, term);
    return;
  }
  const made: ExactSum = [];
  addExact(made, term);
  spill.set(at, made);
};

/** One of the sums, in canonical form. */
export const sumAt = ({ firsts, seconds, spill }: TwoWordSums, at: number): Float64Array => {
  const partials: ExactSum = [...(spill.get(at) ?? [])];
  addExact(partials, seconds[at] as number);
  addExact(partials, firsts[at] as number);
  return canonicalSum(partials);
};

/**
 * The same number in the one form that depends on nothing but its value: the nearest double, then
 * the nearest to what is left, and so on; smallest first, as `exactValue` reads it. Equal sums are
 * equal bytes, whatever they were made of.
 */
export const canonicalSum = (partials: Iterable<number>): Float64Array => {
  const left: ExactSum = [];
  for (const partial of partials) addExact(left, partial);
  const parts: number[] = [];
  while (left.length > 0) {
    const nearest = exactValue(left);
    parts.push(nearest);
    addExact(left, -nearest);
  }
  return Float64Array.from(parts.reverse());
};
