/**
 * How the quantile of an interval follows what it covered: by a proportional controller, or by
 * adaptive conformal inference.
 */
export type IntervalRule = 'p-control' | 'aci';

/** The next q of a level, from q, where it began, and the share of targets that were missed. */
export type QuantileRule = (q: number, start: number, missed: number) => number;

/** Step of the level that is aimed at, by one target. */
const ACI_RATE = 0.005;
/**
 * The least share of misses that is aimed at, in shares of what is allowed: at none at all,
 * intervals would be infinite.
 */
const ACI_LEAST = 0.02;

/**
 * q rises by the gain, in units of where it began, as more is missed than allowed.
 * @see Angelopoulos, Candès, Tibshirani, Conformal PID Control for Time Series Prediction (2023)
 */
const pControl = (allowed: number, gain: number): QuantileRule => {
  return (q, start, missed) => q + gain * start * (missed - allowed);
};

/**
 * The share of misses α that is aimed at falls as more is missed than allowed, and q is the
 * quantile of what is left: of scores whose tail is exponential and has the quantile that q began
 * from at the share allowed, q = start · ln α / ln allowed. So α is told by q, and needs no word of
 * its own; a window of scores would take kilobytes a series.
 * @see Gibbs and Candès, Adaptive Conformal Inference Under Distribution Shift (2021)
 */
const aci = (allowed: number): QuantileRule => {
  const tail = Math.log(allowed);
  return (q, start, missed) => {
    const aimed = Math.exp((tail * q) / start) + ACI_RATE * (allowed - missed);
    return (start * Math.log(Math.min(1, Math.max(ACI_LEAST * allowed, aimed)))) / tail;
  };
};

/** One rule a level; `levels` in percent. */
export const quantileRules = (
  levels: readonly number[],
  { rule, gain }: { readonly rule: IntervalRule; readonly gain: number },
): readonly QuantileRule[] =>
  levels.map((level) => {
    const allowed = 1 - level / 100;
    return rule === 'aci' ? aci(allowed) : pControl(allowed, gain);
  });
