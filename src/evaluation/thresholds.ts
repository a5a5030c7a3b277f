import { DAY_MS } from '../core/duration.ts';
import type { Accuracy, MetricValues } from '../schemas/accuracy.ts';

/** What accuracy must keep to; an absent one is not watched. */
export interface AccuracyThresholds {
  readonly mapePercent?: number | undefined;
  readonly wapePercent?: number | undefined;
  /** At least this, of 1 − WAPE over that of the best naive opponent. */
  readonly skill?: number | undefined;
}

/** One threshold and how a model stands to it. */
export interface ThresholdCheck {
  readonly metric: 'mapePercent' | 'wapePercent' | 'skill';
  readonly value: number;
  readonly limit: number;
  readonly isBreached: boolean;
}

/** A window over which accuracy is summed up. */
export interface NamedWindow {
  /** `7d`. */
  readonly text: string;
  readonly ms: number;
}

const WEEK_DAYS = 7;

/**
 * The window that decisions are made on: the shortest of at least a week, or the longest there is.
 */
export const decisionWindow = (windows: readonly NamedWindow[]): NamedWindow | undefined => {
  const ascending = [...windows].sort((one, other) => one.ms - other.ms);
  return ascending.find(({ ms }) => ms >= WEEK_DAYS * DAY_MS) ?? ascending.at(-1);
};

/**
 * Whether a window is filled well enough to decide on: with as many days as it has, up to a week.
 */
export const isDecisive = ({ metrics, window }: Accuracy): boolean => {
  const days = Math.min(WEEK_DAYS, (window.end - window.start) / DAY_MS);
  return (metrics['span_days'] ?? 0) >= days;
};

/**
 * What naive opponents said is kept as float32: a rung of the ladder is no better and no worse than
 * the opponent that it repeats, and that is no breach.
 */
const SKILL_TOLERANCE = 1e-6;

/**
 * How the metrics stand to each threshold that is watched; a metric without a value is not judged.
 */
export const checkThresholds = (
  metrics: MetricValues,
  { mapePercent, wapePercent, skill }: AccuracyThresholds,
): readonly ThresholdCheck[] => {
  const wape = metrics['wape'] ?? null;
  return [
    ...check('mapePercent', metrics['mape'], mapePercent),
    ...check('wapePercent', wape === null ? null : 100 * wape, wapePercent),
    ...check('skill', metrics['skill'], skill),
  ];
};

const check = (
  metric: ThresholdCheck['metric'],
  value: number | null | undefined,
  limit: number | undefined,
): ThresholdCheck[] => {
  if (limit === undefined || value === undefined || value === null) return [];
  const isBreached = metric === 'skill' ? value < limit - SKILL_TOLERANCE : value > limit;
  return [{ metric, value, limit, isBreached }];
};
