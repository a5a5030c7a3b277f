import type { ModelRef } from './forecast.ts';

export interface AccuracyWindow {
  /** `1d`, `7d`, `28d`. */
  readonly kind: string;
  /** Epoch ms, end exclusive. */
  readonly start: number;
  readonly end: number;
  /** Scored (target, step) pairs. */
  readonly count: number;
}

export type MetricValues = Readonly<Record<string, number | null>>;

/**
 * How good one model was over one window; every metric carries its exclusions under
 * `<metric>_excluded`.
 */
export interface Accuracy {
  /** `model`, a series as `series:<id>`, or `group:<attribute>=<value>`. */
  readonly scope: string;
  readonly stream: string;
  readonly model: ModelRef;
  readonly window: AccuracyWindow;
  readonly metrics: MetricValues;
  readonly perStep: readonly MetricValues[];
  readonly revision: number;
}
