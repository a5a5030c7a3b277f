/**
 * One column of a feature vector, or a profile of `horizon` columns whose h-th entry speaks of step
 * h.
 */
export type FeatureTerm =
  | { readonly kind: 'lag'; readonly periods: number }
  | {
      readonly kind: 'rolling';
      readonly window: number;
      readonly statistic: 'mean' | 'std' | 'min' | 'max';
    }
  | { readonly kind: 'calendar'; readonly field: CalendarField }
  /** y minus its own slot mean, `periods` before the first target. */
  | { readonly kind: 'deviation'; readonly periods: number }
  /** Mean of the window that ends `shift` periods before the origin. */
  | { readonly kind: 'level'; readonly window: number; readonly shift: number }
  /**
   * Mean |y - y one season back| over the last three long seasons: the unit of every relative
   * feature.
   */
  | { readonly kind: 'scale' }
  | { readonly kind: 'profile'; readonly profile: Profile }
  /** How many values of the row were missing before they were filled. */
  | { readonly kind: 'missing-count' };

export type CalendarField = 'hour' | 'dayofweek' | 'month' | 'is_weekend' | 'is_holiday';

/**
 * A value for each target T: its slot mean, itself some seasons back, or the deviation it had
 * there.
 */
export type Profile =
  | { readonly of: 'slot-mean' }
  | { readonly of: 'seasonal-lag'; readonly season: number; readonly seasons: number }
  | { readonly of: 'seasonal-mean'; readonly season: number; readonly seasons: number }
  | { readonly of: 'deviation'; readonly season: number };

/**
 * Names, order and meaning of a feature vector. Its hash is what a model and a forecast are bound
 * to.
 */
export interface FeatureSchema {
  readonly version: number;
  /** A duration: `1h`. */
  readonly frequency: string;
  readonly timeZone: string;
  readonly holidays: { readonly region: string; readonly version: string } | null;
  /** Short season, then the long one if there is one, in periods. */
  readonly seasons: readonly number[];
  readonly horizon: number;
  readonly terms: readonly FeatureTerm[];
}
