import type { IntervalRule } from './quantile-rules.ts';

export interface IntervalShape {
  /** Short season in periods: steps are bucketed by it. */
  readonly season: number;
  readonly horizon: number;
  /** Percent, ascending: [80, 95]. */
  readonly levels: readonly number[];
  /**
   * Distinct slots of a target, the season's length where errors differ by slot; 1 to pool them.
   */
  readonly slots: number;
  /** Share by which σ moves towards each new error. */
  readonly sigmaRate?: number;
  /**
   * Targets of its slot that a cold σ counts for: until as many more have come, σ is their mean
   * instead of following at its rate. Infinite: it follows at its rate from the start.
   */
  readonly coldWeight?: number;
  /** How q follows what was covered: by a controller if absent. */
  readonly rule?: IntervalRule | undefined;
  /** Gain of the controller, as a share of the quantile that it started from. */
  readonly gain?: number;
}
