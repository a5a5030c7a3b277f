/**
 * The share of a training window that is judged at most: where seasons are as long as a year, eight
 * of them would be all of it, and nothing were left to learn from.
 */
export const JUDGED_SHARE = 1 / 4;
