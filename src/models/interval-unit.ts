/** Of the last value, where a series has not moved yet. */
const STILL_SHARE = 0.1;

/**
 * What errors of a series are told in before there are any: its scale, the mean seasonal
 * difference; else `moves`, the mean |difference| of one known value to the next; else a share of
 * the last value. Each is NaN or 0 where it is not known.
 */
export const intervalUnit = (scale: number, moves: number, last: number): number => {
  if (scale > 0) return scale;
  if (moves > 0) return moves;
  const share = STILL_SHARE * Math.abs(last);
  return share > 0 ? share : 1;
};
