// Hot file: indices are in range by construction (loops end with the arrays), so reads are narrowed
// with `as number`.
import { halfEven } from './half-even.ts';
import { kolmogorovTail } from '../../src/drift/kolmogorov.ts';
import { distance } from '../../src/drift/two-sample.ts';

/** Samples up to this size are counted exactly, as scipy does. */
const EXACT_COUNT_MAX = 10_000;

export interface TwoSampleTest {
  /** D = max |F₁ − F₂|. */
  readonly statistic: number;
  /** Two-sided. */
  readonly pValue: number;
}

export interface TwoSampleOptions {
  /** `auto`: exact up to 10,000 values a sample, else asymptotic. */
  readonly method?: 'auto' | 'exact' | 'asymptotic';
}

/**
 * Kolmogorov–Smirnov's test that two samples come from one distribution, as `scipy.stats.ks_2samp`:
 * exact by lattice paths, or asymptotic by the law for finite n at n₁n₂/(n₁ + n₂). Ties make it
 * conservative.
 */
export const twoSampleTest = (
  one: Float64Array,
  other: Float64Array,
  { method = 'auto' }: TwoSampleOptions = {},
): TwoSampleTest => {
  const statistic = distance(one.slice().sort(), other.slice().sort());
  const isSmall = Math.max(one.length, other.length) <= EXACT_COUNT_MAX;
  const isExact = method === 'exact' || (method === 'auto' && isSmall);
  const pValue = isExact
    ? exactTail(statistic, one.length, other.length)
    : kolmogorovTail(
        statistic,
        halfEven((one.length * other.length) / (one.length + other.length)),
      );
  return { statistic, pValue };
};

/**
 * P(D ≥ d): the share of lattice paths from (0, 0) to (n₁, n₂) that leave the band. Weights are
 * probabilities all the way, so that nothing overflows.
 */
const exactTail = (d: number, rows: number, columns: number): number => {
  // Distances are multiples of 1/(rows · columns): the band ends half a step below d.
  const limit = (Math.floor(d * rows * columns - 1e-7) + 0.5) / (rows * columns);
  const inside = new Float64Array(columns + 1);
  for (let column = 0; column <= columns; column += 1) {
    inside[column] = column / columns > limit ? 0 : 1;
  }
  for (let row = 1; row <= rows; row += 1) {
    const weight = row / (row + columns);
    inside[0] = row / rows > limit ? 0 : weight * (inside[0] as number);
    for (let column = 1; column <= columns; column += 1) {
      inside[column] =
        Math.abs(row / rows - column / columns) > limit
          ? 0
          : weight * (inside[column] as number) + (inside[column - 1] as number);
    }
  }
  return Math.min(1, Math.max(0, 1 - (inside[columns] as number)));
};
