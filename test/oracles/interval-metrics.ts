// Hot file: indices are in range by construction (columns are equally long), so typed-array reads
// are narrowed with `as number`.
import { isCovered } from '../../src/models/matured-forecasts.ts';
import { pinball, winkler } from '../../src/evaluation/metrics.ts';

/** Actuals beside the interval of one level, index by index. */
export interface IntervalPairs {
  readonly actual: Float64Array;
  readonly lower: ArrayLike<number>;
  readonly upper: ArrayLike<number>;
  /** Percent. */
  readonly level: number;
}

export interface IntervalMetrics {
  /** Share of actuals inside, bounds included. */
  readonly coverage: number | null;
  readonly winkler: number | null;
  /** Mean quantile loss of both bounds. */
  readonly pinball: number | null;
  readonly width: number | null;
  readonly count: number;
  /** Pairs that miss the actual or a bound. */
  readonly excluded: number;
}

/** How good the intervals of one level are; null where there is no pair. */
export const intervalMetrics = ({
  actual,
  lower,
  upper,
  level,
}: IntervalPairs): IntervalMetrics => {
  const tail = (1 - level / 100) / 2;
  let [covered, loss, quantileLoss, width, count] = [0, 0, 0, 0, 0];
  for (let index = 0; index < actual.length; index += 1) {
    const y = actual[index] as number;
    const l = lower[index] as number;
    const u = upper[index] as number;
    if (!Number.isFinite(y + l + u)) continue;
    count += 1;
    if (isCovered(y, l, u)) covered += 1;
    loss += winkler(y, { lower: l, upper: u, level });
    quantileLoss += (pinball(y, l, tail) + pinball(y, u, 1 - tail)) / 2;
    width += u - l;
  }
  const mean = (sum: number): number | null => (count === 0 ? null : sum / count);
  return {
    coverage: mean(covered),
    winkler: mean(loss),
    pinball: mean(quantileLoss),
    width: mean(width),
    count,
    excluded: actual.length - count,
  };
};
