// Hot file: indices are in range by construction (a layout counts its words), so typed-array reads
// are narrowed with `as number`.
import { addExact, exactValue, type ExactSum } from '../core/exact-sum.ts';

/** What did not fit into the two words of a sum, by the index of its first word; seldom needed. */
export type Spill = Map<number, ExactSum>;

/** Terms must be smaller, so that no sum of fewer than 2^20 of them overflows. */
export const TERM_MAX = 2 ** 1_000;

/**
 * Adds each term to its sum without rounding. Sums follow each other from words[at] on, two words
 * each: what the first word loses goes to the second, and what that one loses, almost never, to the
 * spill; some 12 flops. One loop, since a number that a function is called with is boxed.
 * @see Knuth, The Art of Computer Programming 2, 4.2.2, theorem B (TwoSum)
 */
export const addTerms = (
  { words, spill }: { readonly words: Float64Array; readonly spill: Spill },
  at: number,
  terms: Float64Array,
): void => {
  for (let index = 0; index < terms.length; index += 1) {
    const term = terms[index] as number;
    if (term === 0) continue;
    const first = at + 2 * index;
    const high = words[first] as number;
    const sum = high + term;
    const part = sum - high;
    const lost = high - (sum - part) + (term - part);
    words[first] = sum;
    const low = words[first + 1] as number;
    const rest = low + lost;
    const piece = rest - low;
    words[first + 1] = rest;
    const left = low - (rest - piece) + (lost - piece);
    if (left !== 0) addSpill(spill, first, left);
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

/** The sum that stands at `at`, in canonical form. */
export const sumAt = (words: Float64Array, at: number, spill: Spill): Float64Array => {
  const partials: ExactSum = [...(spill.get(at) ?? [])];
  addExact(partials, words[at + 1] as number);
  addExact(partials, words[at] as number);
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
