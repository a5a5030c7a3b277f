/**
 * The share of a training window that is judged at most: where seasons are as long as a year, eight
 * of them would be all of it, and nothing were left to learn from.
 */
export const JUDGED_SHARE = 1 / 4;

/** So many horizons are judged at least: fewer than two say nothing, and some have gaps. */
export const JUDGED_HORIZONS = 3;

/** But no larger share of a training window for their sake. */
export const JUDGED_SHARE_OF_HORIZONS = 1 / 2;
