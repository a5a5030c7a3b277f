// Hot file: indices are in range by construction (loops end with the arrays), so reads are narrowed
// with `as number`.

/**
 * max |F₁ − F₂| of two samples in ascending order, with distributions continuous from the right.
 */
export const distance = (one: ArrayLike<number>, other: ArrayLike<number>): number => {
  let first = 0;
  let second = 0;
  let greatest = 0;
  while (first < one.length && second < other.length) {
    const value = Math.min(one[first] as number, other[second] as number);
    while (first < one.length && (one[first] as number) <= value) first += 1;
    while (second < other.length && (other[second] as number) <= value) second += 1;
    greatest = Math.max(greatest, Math.abs(first / one.length - second / other.length));
  }
  return greatest;
};
