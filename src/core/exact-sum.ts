// Hot file: indices are in range by construction, so typed-array reads are narrowed with `as
// number`.

/**
 * A sum without rounding error: non-overlapping partials in growing magnitude whose exact sum is
 * the sum of all terms. Its value does not depend on the order of the terms. Terms are finite, and
 * so must be each sum on the way.
 * @see Shewchuk, Adaptive Precision Floating-Point Arithmetic, Discrete & Computational Geometry 18
 * (1997)
 */
export type ExactSum = number[];

/** Adds a term in place. */
export const addExact = (partials: ExactSum, term: number): void => {
  let high = term;
  let kept = 0;
  for (const partial of partials) {
    const larger = Math.abs(high) < Math.abs(partial) ? partial : high;
    const smaller = larger === high ? partial : high;
    high = larger + smaller;
    const low = smaller - (high - larger);
    if (low !== 0) {
      partials[kept] = low;
      kept += 1;
    }
  }
  partials.length = kept;
  if (high !== 0) partials.push(high);
};

/**
 * The double nearest to the exact sum, ties to even: what Python's `math.fsum` of all terms
 * returns.
 */
export const exactValue = (partials: ArrayLike<number>): number => {
  let index = partials.length - 1;
  if (index < 0) return 0;
  let high = partials[index] as number;
  let low = 0;
  while (index > 0 && low === 0) {
    index -= 1;
    const larger = high;
    const smaller = partials[index] as number;
    high = larger + smaller;
    low = smaller - (high - larger);
  }
  // Halfway between two doubles, the sign of what is still below decides, not evenness.
  const below = index > 0 ? (partials[index - 1] as number) : 0;
  if ((low < 0 && below < 0) || (low > 0 && below > 0)) {
    const doubled = low * 2;
    const rounded = high + doubled;
    if (rounded - high === doubled) return rounded;
  }
  return high;
};
