/**
 * Exact sums (Shewchuk partials, so that adding them in any order gives the same number) of one
 * model's errors.
 */
export interface ErrorSums {
  readonly count: number;
  readonly excluded: number;
  readonly absoluteError: Float64Array;
  readonly absoluteActual: Float64Array;
  readonly squaredError: Float64Array;
  readonly signedError: Float64Array;
  /** Sum of |error| / |actual| over non-zero actuals, and their count. */
  readonly percentageError: Float64Array;
  readonly percentageCount: number;
  readonly symmetricError: Float64Array;
  /** Sum of |error| / scale over positive scales, and their count. */
  readonly scaledError: Float64Array;
  readonly scaledCount: number;
  /** How many pairs had bounds, and how many actuals fell inside them, one a level. */
  readonly intervalCount: Float64Array;
  readonly covered: Float64Array;
  /** Winkler sums, one exact sum a level. */
  readonly winkler: readonly Float64Array[];
  /** Sum of upper − lower, one exact sum a level. */
  readonly width: readonly Float64Array[];
  /** Sum of |naive error|, one exact sum an opponent. */
  readonly naiveAbsoluteError: readonly Float64Array[];
  /** Pairs of which an opponent had nothing to say, and the model's sum of |error| over them. */
  readonly naiveExcluded: Float64Array;
  readonly naiveExcludedError: readonly Float64Array[];
}

/** What one scores partition contributes to one window of one model. */
export interface AccuracyPartial {
  readonly type: 'AccuracyPartial';
  readonly model: string;
  readonly version: string;
  readonly sha256: string;
  readonly role: string;
  /** `model`, or `group:<attribute>=<value>`. */
  readonly scope: string;
  /** Epoch ms: the day (UTC) of the targets. */
  readonly windowStart: number;
  readonly windowEnd: number;
  /** The scores partition that speaks. */
  readonly partition: number;
  readonly revision: number;
  readonly levels: Float64Array;
  readonly naiveNames: readonly string[];
  /** All steps together, then step 1..horizon. */
  readonly total: ErrorSums;
  readonly perStep: readonly ErrorSums[];
}

/**
 * One series' drift test at one daily tick; Benjamini–Hochberg across series follows in summary.
 */
export interface SeriesStatistic {
  readonly type: 'SeriesStatistic';
  readonly model: string;
  readonly version: string;
  readonly sha256: string;
  readonly seriesId: string;
  /** Epoch ms: the tick, end of the recent window. */
  readonly tick: number;
  readonly partition: number;
  readonly detector: string;
  readonly statistic: number;
  readonly pValue: number;
  /** Shift of the mean error in reference standard deviations. */
  readonly effectSize: number;
  readonly referenceCount: number;
  readonly recentCount: number;
  readonly effectiveSize: number;
  /** Epoch ms; the recent window ends at the tick, the reference where the recent one starts. */
  readonly referenceStart: number;
  readonly recentStart: number;
  /** Mean signed error in each window. */
  readonly referenceMean: number;
  readonly recentMean: number;
  /** Mean absolute error in each window. */
  readonly referenceLoss: number;
  readonly recentLoss: number;
  /** One-sided chance of such a rise of the absolute error if nothing had changed. */
  readonly lossPValue: number;
}

export type PartialRecord = AccuracyPartial | SeriesStatistic;
