/** So many more origins than would be enough if all their steps were taken. */
const SPREAD = 6;
/** Of the R2 sequence: rows and steps that are taken lie as evenly as they can. */
const [ROW_TURN, STEP_TURN] = [0.754_877_666_246_692_7, 0.569_840_290_998_053_2];

/**
 * Rows that have enough pairs of an origin and a step. Steps of one origin say much the same, so
 * that few steps of many origins say more than all of few.
 */
export const rowsSpread = (pairsEnough: number, horizon: number): number =>
  Math.max(1, Math.floor((Math.min(SPREAD, horizon) * pairsEnough) / horizon));

/**
 * Whether a pair is one of an evenly spread share of all.
 * @see Roberts, The unreasonable effectiveness of quasirandom sequences (2018)
 */
export const isTaken = (share: number, row: number, step: number): boolean =>
  (row * ROW_TURN + step * STEP_TURN) % 1 < share;
