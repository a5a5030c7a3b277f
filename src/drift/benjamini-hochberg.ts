/**
 * P-values corrected for their number: rejecting those of at most q keeps the expected share of
 * false ones among them at q. Corrected pᵢ = min over ranks j ≥ i of m·pⱼ/j, in the order given.
 * @see Benjamini and Hochberg, Controlling the false discovery rate, JRSS B 57 (1995)
 */
export const benjaminiHochberg = (pValues: readonly number[]): number[] => {
  const order = [...pValues.keys()].sort(
    (one, other) => (pValues[one] ?? 0) - (pValues[other] ?? 0),
  );
  const corrected = pValues.map(() => 1);
  let least = 1;
  for (let rank = order.length; rank > 0; rank -= 1) {
    const index = order[rank - 1] ?? 0;
    least = Math.min(least, ((pValues[index] ?? 1) * order.length) / rank);
    corrected[index] = least;
  }
  return corrected;
};
