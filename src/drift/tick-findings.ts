import { benjaminiHochberg } from './benjamini-hochberg.ts';

/** What counts as a change. */
export interface FindingPolicy {
  /** Share of false flags among all that is tolerated per tick. */
  readonly falseShare: number;
  /**
   * Smallest Kolmogorov–Smirnov distance that matters, and with it either shift of the mean, in
   * standard deviations, or change of the loss, as a share of what it was.
   */
  readonly distanceMin: number;
  readonly effectMin: number;
  /** Chance at which a rise of the loss is significant. */
  readonly lossChance: number;
  /** More than this share of all series at once, and at least so many, are one global incident. */
  readonly globalShare: number;
  readonly globalCountMin: number;
}

const FINDING_POLICY: FindingPolicy = {
  falseShare: 0.05,
  distanceMin: 0.1,
  effectMin: 0.1,
  lossChance: 0.05,
  globalShare: 0.2,
  globalCountMin: 3,
};

/** One series' test at a tick. */
export interface TestedSeries {
  readonly statistic: number;
  readonly pValue: number;
  readonly effectSize: number;
  readonly referenceLoss: number;
  readonly recentLoss: number;
  readonly lossPValue: number;
}

export interface SeriesFinding<T> {
  readonly tested: T;
  readonly correctedPValue: number;
  readonly isFlagged: boolean;
  readonly isWorse: boolean;
}

export interface TickFindings<T> {
  /** In the order given. */
  readonly series: readonly SeriesFinding<T>[];
  readonly flaggedCount: number;
  /** So many series at once that the cause is not theirs. */
  readonly isGlobal: boolean;
  /** Most of the flagged series have become worse. */
  readonly isGloballyWorse: boolean;
}

/** Errors may spread around the mean that they had: then it is the loss that tells. */
const isLarge = (
  { effectSize, referenceLoss, recentLoss }: TestedSeries,
  { effectMin }: FindingPolicy,
): boolean =>
  Math.abs(effectSize) >= effectMin ||
  Math.abs(recentLoss - referenceLoss) >= effectMin * referenceLoss;

/**
 * Judges all series of a model at one tick together: corrected for their number, and gated by size.
 */
export const tickFindings = <T extends TestedSeries>(
  all: readonly T[],
  policy: FindingPolicy = FINDING_POLICY,
): TickFindings<T> => {
  const corrected = benjaminiHochberg(all.map(({ pValue }) => pValue));
  const series = all.map((tested, index) => {
    const correctedPValue = corrected[index] ?? 1;
    const isFlagged =
      correctedPValue <= policy.falseShare &&
      tested.statistic >= policy.distanceMin &&
      isLarge(tested, policy);
    const isWorse = tested.lossPValue <= policy.lossChance;
    return { tested, correctedPValue, isFlagged, isWorse };
  });
  const flagged = series.filter(({ isFlagged }) => isFlagged);
  const worse = flagged.filter(({ isWorse }) => isWorse);
  return {
    series,
    flaggedCount: flagged.length,
    isGlobal:
      flagged.length >= policy.globalCountMin && flagged.length > policy.globalShare * all.length,
    isGloballyWorse: worse.length * 2 > flagged.length,
  };
};
