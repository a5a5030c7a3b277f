/** How far beyond the greatest value so far a forecast may reach, as a share of it. */
export const REACH = 0.5;

/**
 * The least value that a forecast of a series may take: 0 for one that was never negative, else
 * half its range below its least value so far.
 */
export const outputFloor = (least: number, greatest: number): number =>
  least >= 0 ? 0 : least - REACH * (greatest - least);

/**
 * The greatest value that a forecast may take: 1.5 × the greatest so far, or half the range above
 * it.
 */
export const outputCeiling = (least: number, greatest: number): number =>
  least >= 0 ? (1 + REACH) * greatest : greatest + REACH * (greatest - least);
