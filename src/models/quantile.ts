// Hot file: positions lie within the values, so typed-array reads are narrowed with `as number`.

/** Linear interpolation between order statistics: type 7 of Hyndman and Fan (1996). */
export const sortedQuantile = (sorted: Float64Array, share: number): number => {
  const position = (sorted.length - 1) * share;
  const below = Math.floor(position);
  const low = sorted[below] as number;
  const high = sorted[Math.min(below + 1, sorted.length - 1)] as number;
  return low + (position - below) * (high - low);
};
