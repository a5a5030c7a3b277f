// Hot file: indices are in range by construction (slots × buckets, buckets × levels), so
// typed-array reads are narrowed with `as number`.
import { quantileAt, type ErrorProfile } from './error-profile.ts';

/** Where intervals begin, in units of a series' scale, or in the series' own unit. */
export interface IntervalStart {
  readonly meanError: number;
  /** Slots × buckets. */
  readonly sigma: Float64Array;
  /** Buckets × levels, of |error| / σ. */
  readonly quantiles: Float64Array;
}

/**
 * A start below would stop the controller for series that never move; one above lets a lone outlier
 * set the pace.
 */
const QUANTILE_MIN = 0.5;
const QUANTILE_MAX = 20;

/** The start that a profile tells of; `levels` in percent, ascending. */
export const startOf = (profile: ErrorProfile, levels: readonly number[]): IntervalStart => {
  const sigma = Float64Array.from(profile.sigma.flat());
  const quantiles = profile.buckets.flatMap((_, bucket) =>
    levels.map((level) => quantileAt(profile, bucket, level)),
  );
  return {
    meanError: sigma.reduce((sum, value) => sum + value, 0) / sigma.length,
    sigma,
    quantiles: Float64Array.from(quantiles, clipped),
  };
};

export const clipped = (quantile: number): number =>
  Math.min(QUANTILE_MAX, Math.max(QUANTILE_MIN, quantile));
