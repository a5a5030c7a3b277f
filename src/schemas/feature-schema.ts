import { canonicalJson, type Json } from '../core/canonical-json.ts';
import { contentHash } from '../core/content-hash.ts';

/**
 * A column of a feature row, or a profile of `horizon` columns whose h-th one speaks of the target
 * h periods after the origin t. Values are in the series' own unit; T is the first target, t + 1; m
 * and M are the short and the long season (without a long one, M is m and the long window is 4m).
 */
export type FeatureTerm =
  /** y[T − periods]; a whole number of days goes by the local clock. */
  | { readonly kind: 'lag'; readonly periods: number }
  /** Over the known ones of the `window` values that end at the origin; std divides by n − 1. */
  | {
      readonly kind: 'rolling';
      readonly window: number;
      readonly statistic: RollingStatistic;
    }
  /** Of T, on the local clock. */
  | { readonly kind: 'calendar'; readonly field: CalendarField }
  /** Mean |yᵢ − yᵢ₋ₘ| over the three long windows that end at the origin; 1 if it never moved. */
  | { readonly kind: 'scale' }
  /** e[t − periods], where eᵢ is yᵢ minus the mean of up to eight values M, 2M, … before it. */
  | { readonly kind: 'deviation'; readonly periods: number }
  /** Mean of the `window` deviations that end at the origin. */
  | { readonly kind: 'deviation-mean'; readonly window: number }
  /** Mean of `window` values ending at t, minus the mean of `base` values ending at t − shift. */
  | {
      readonly kind: 'level-change';
      readonly window: number;
      readonly base: number;
      readonly shift: number;
    }
  /**
   * 1 if the known ones of the long window's values that end at the origin are whole and none is
   * negative, else 0: counts, which are forecast as such.
   */
  | { readonly kind: 'whole' }
  /** How many of the row's other columns are missing. */
  | { readonly kind: 'missing-count' }
  | { readonly kind: 'profile'; readonly profile: Profile };

/** The terms of one column. */
export type ScalarTerm = Exclude<FeatureTerm, { readonly kind: 'profile' }>;

export const isScalar = (term: FeatureTerm): term is ScalarTerm => term.kind !== 'profile';

export const ROLLING_STATISTICS = ['mean', 'std', 'min', 'max'] as const;
export type RollingStatistic = (typeof ROLLING_STATISTICS)[number];

export const CALENDAR_FIELDS = ['hour', 'dayofweek', 'month', 'is_weekend', 'is_holiday'] as const;
export type CalendarField = (typeof CALENDAR_FIELDS)[number];

export type HolidayField = 'is_holiday' | 'is_day_before_holiday' | 'is_day_after_holiday';

/** Minutes since midnight, Monday as 0, the first of January as 1. */
export type TargetField = 'minuteofday' | 'dayofweek' | 'dayofyear';

/** A value for each target T = t + h. */
export type Profile =
  /**
   * Mean of what is known of y[T − after·⌈h/after⌉ − season·(⌈h/season⌉ − 1 + j) − offset], j =
   * from..to; without `after`, that part is absent. One j is a seasonal lag, four are the slot
   * mean.
   */
  | {
      readonly of: 'seasonal';
      readonly season: number;
      readonly from: number;
      readonly to: number;
      readonly offset: number;
      readonly after?: number;
    }
  /** e[T − lag] for targets not further ahead than `lag`, as far as it is known; NaN beyond. */
  | { readonly of: 'deviation'; readonly lag: number }
  /** A day beside a holiday counts only if it is none itself. */
  | { readonly of: 'holiday'; readonly field: HolidayField }
  /**
   * Which holiday, day before or day after one T lies on: 3·holiday + 1, + 0, + 2, where holidays
   * have a number above 0, the same in all years; 0 on other days.
   */
  | { readonly of: 'special-day' }
  /** Of the local date and time of T's start. */
  | { readonly of: 'calendar'; readonly field: TargetField };

/**
 * Names, order and meaning of a feature row: scalars first, profiles behind them. Its hash is what
 * a model and a forecast are bound to.
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

/** How many columns a row has: one a scalar, and `horizon` a profile. */
export interface RowShape {
  readonly scalars: number;
  readonly profiles: number;
  readonly horizon: number;
}

export const rowShape = ({ terms, horizon }: FeatureSchema): RowShape => {
  const scalars = terms.filter(isScalar).length;
  return { scalars, profiles: terms.length - scalars, horizon };
};

export const rowWidth = ({ scalars, profiles, horizon }: RowShape): number =>
  scalars + profiles * horizon;

/** The text under which a feature schema is hashed and carried. */
export const featureSchemaText = (schema: FeatureSchema): string =>
  // A schema is JSON by its type; only the index signature that `Json` wants is missing.
  canonicalJson(schema as unknown as Json);

/** 32 hexadecimal digits that identify a feature schema on every machine. */
export const featureSchemaHash = (schema: FeatureSchema): string =>
  contentHash([featureSchemaText(schema)]);
