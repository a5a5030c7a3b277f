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
  /** How many actuals fell inside, one a level. */
  readonly covered: Float64Array;
  /** Winkler sums, one exact sum a level. */
  readonly winkler: readonly Float64Array[];
  /** Sum of |naive error|, one exact sum an opponent. */
  readonly naiveAbsoluteError: readonly Float64Array[];
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
  /** Mean absolute error in the recent and the reference window. */
  readonly recentLoss: number;
  readonly referenceLoss: number;
}

export type Partial = AccuracyPartial | SeriesStatistic;
