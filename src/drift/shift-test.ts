import { studentTail } from '../core/student-t.ts';
import { independence } from './independence.ts';
import { kolmogorovTail } from './kolmogorov.ts';
import { distance } from './two-sample.ts';

/** What each value of a reference is worth, for the errors and for their sizes. */
export interface ReferenceIndependence {
  readonly errors: number;
  readonly losses: number;
}

/** Least numbers of independent values that a sample counts as. */
const REFERENCE_MIN = 4;
export const RECENT_MIN = 3;

export interface ShiftTest {
  /** Kolmogorov–Smirnov's D. */
  readonly statistic: number;
  /** Of D, at the number of independent values. */
  readonly pValue: number;
  readonly effectiveSize: number;
  /** Recent mean − reference mean, in standard deviations of the reference. */
  readonly effectSize: number;
  readonly reference: SampleMoments;
  readonly recent: SampleMoments;
  /** One-sided: chance of such a rise of the mean |error| if nothing had changed. */
  readonly lossPValue: number;
}

export interface SampleMoments {
  readonly count: number;
  readonly mean: number;
  /** Mean |error|. */
  readonly loss: number;
}

export const referenceIndependence = (
  reference: Float64Array,
  season: number,
): ReferenceIndependence => ({
  errors: independence(reference, season),
  losses: independence(reference.map(Math.abs), season),
});

/**
 * Whether forecast errors at one step come from another distribution than before, with samples
 * counted as the number of independent values that they are worth: without that, a test at 5 %
 * fires on 98 % of weeks of unchanged but correlated errors. Beside it a test of the loss, Welch's
 * with the same counts but the degrees of freedom of the recent sample alone: fewer than
 * Satterthwaite's, so that few values convince less. Missing values are NaN.
 */
export const shiftTest = (
  reference: Float64Array,
  recent: Float64Array,
  worth: ReferenceIndependence,
): ShiftTest => {
  const before = present(reference);
  const after = present(recent);
  const [moments, now] = [momentsOf(before), momentsOf(after)];
  const statistic = distance(before.sort(), after.sort());
  const ours = Math.max(REFERENCE_MIN, worth.errors * moments.count);
  const theirs = Math.max(RECENT_MIN, worth.errors * now.count);
  const effectiveSize = Math.max(2, Math.round((ours * theirs) / (ours + theirs)));
  return {
    statistic,
    pValue: kolmogorovTail(statistic, effectiveSize),
    effectiveSize,
    effectSize: inUnits(now.mean - moments.mean, Math.sqrt(moments.variance)),
    reference: sampleOf(moments),
    recent: sampleOf(now),
    lossPValue: lossTail(moments, now, worth.losses),
  };
};

interface Moments extends SampleMoments {
  readonly variance: number;
  readonly lossVariance: number;
}

const present = (values: Float64Array): Float64Array =>
  values.filter((value) => !Number.isNaN(value));

const momentsOf = (values: Float64Array): Moments => {
  const count = values.length;
  const mean = meanOf(values, (value) => value);
  const loss = meanOf(values, Math.abs);
  return {
    count,
    mean,
    loss,
    variance: meanOf(values, (value) => (value - mean) ** 2),
    lossVariance: meanOf(values, (value) => (Math.abs(value) - loss) ** 2),
  };
};

const meanOf = (values: Float64Array, of: (value: number) => number): number => {
  let sum = 0;
  for (const value of values) sum += of(value);
  return values.length === 0 ? 0 : sum / values.length;
};

const sampleOf = ({ count, mean, loss }: Moments): SampleMoments => ({ count, mean, loss });

/** A shift of a sample that never varied is as large as can be, in large but finite numbers. */
const inUnits = (difference: number, unit: number): number => {
  if (difference === 0) return 0;
  return unit > 0 ? difference / unit : Math.sign(difference) * Number.MAX_SAFE_INTEGER;
};

const lossTail = (before: Moments, after: Moments, worth: number): number => {
  const ours = Math.max(REFERENCE_MIN, worth * before.count);
  const theirs = Math.max(RECENT_MIN, worth * after.count);
  const error = Math.sqrt(before.lossVariance / ours + after.lossVariance / theirs);
  return studentTail(inUnits(after.loss - before.loss, error), theirs - 1);
};
