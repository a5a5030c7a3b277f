/** Percentage error of one pair, in percent; NaN where the actual is 0. */
export const percentageError = (actual: number, mean: number): number =>
  actual === 0 ? Number.NaN : (100 * Math.abs(actual - mean)) / Math.abs(actual);

/** M4's symmetric percentage error of one pair, 0..200; 0 when both are 0. */
export const symmetricError = (actual: number, mean: number): number => {
  const size = Math.abs(actual) + Math.abs(mean);
  return size === 0 ? 0 : (200 * Math.abs(actual - mean)) / size;
};

/** Quantile loss of a forecast of the `tau` quantile, tau in 0..1. */
export const pinball = (actual: number, quantile: number, tau: number): number =>
  Math.max(tau * (actual - quantile), (tau - 1) * (actual - quantile));

export interface Bounds {
  readonly lower: number;
  readonly upper: number;
  /** Percent. */
  readonly level: number;
}

/**
 * Winkler's score of an interval: its width, and for a miss 2/α times the distance, α = 1 − level.
 * @see Winkler, A Decision-Theoretic Approach to Interval Estimation, JASA 67 (1972)
 */
export const winkler = (actual: number, { lower, upper, level }: Bounds): number => {
  const penalty = 2 / (1 - level / 100);
  const below = Math.max(0, lower - actual);
  const above = Math.max(0, actual - upper);
  return upper - lower + penalty * (below + above);
};

/** A ratio of sums; null where the denominator is 0. */
export const ratio = (numerator: number, denominator: number): number | null =>
  denominator === 0 ? null : numerator / denominator;

/** 1 − loss / loss of an opponent; null where either is not known, or the opponent's is 0. */
export const skillOf = (own: number | null, opponents: number | null): number | null => {
  const share = own === null || opponents === null ? null : ratio(own, opponents);
  return share === null ? null : 1 - share;
};

/**
 * Against the best of several opponents, from the skills against each; null where there is none,
 * and beside one that was never off: how much worse than it others are has no measure.
 */
export const leastSkill = (
  skills: readonly (number | null)[],
  isAnyPerfect: boolean,
): number | null => {
  const known = skills.filter((skill) => skill !== null);
  return isAnyPerfect || known.length === 0 ? null : Math.min(...known);
};
