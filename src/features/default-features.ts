import { parseFrequency } from '../core/frequency.ts';
import type {
  CalendarField,
  FeatureSchema,
  FeatureTerm,
  HolidayField,
  RollingStatistic,
  TargetField,
} from '../schemas/feature-schema.ts';
import { seasonPair, type SeasonPair } from './season-pair.ts';
import { DEVIATION_SLOTS } from './sources.ts';

/** Changes with the meaning of any term. */
const SCHEMA_VERSION = 1;

export interface FeatureOptions {
  /** A duration: `1h`. */
  readonly frequency: string;
  readonly timeZone: string;
  readonly holidays: { readonly region: string; readonly version: string } | null;
  /** Short, then long, in periods. */
  readonly seasons: readonly number[];
  readonly horizon: number;
  readonly lags: readonly number[];
  readonly rolling: {
    readonly windows: readonly number[];
    readonly statistics: readonly RollingStatistic[];
  };
  readonly calendar: readonly CalendarField[];
}

/**
 * The features of a stream: what its configuration lists, and after it what the direct models are
 * made of: a unit, recent deviations and changes of level, and for each target its same slots on
 * the days and weeks before, and its place in the calendar.
 */
export const defaultFeatures = (options: FeatureOptions): FeatureSchema => {
  const { frequency, timeZone, holidays, seasons, horizon } = options;
  const pair = seasonPair(seasons);
  const terms = [...declared(options), ...latest(pair), ...recent(pair), ...profiles(pair)];
  if (holidays !== null) terms.push(...holidayProfiles);
  terms.push(...targetProfiles(options));
  return {
    version: SCHEMA_VERSION,
    frequency,
    timeZone,
    holidays,
    seasons,
    horizon,
    terms: distinct(terms),
  };
};

/** Ascending, without doubles and what is below one period. */
const counts = (...numbers: readonly number[]): number[] =>
  [...new Set(numbers)].filter((count) => count >= 1).sort((one, other) => one - other);

const distinct = (terms: readonly FeatureTerm[]): FeatureTerm[] => [
  ...new Map(terms.map((term) => [JSON.stringify(term), term])).values(),
];

const declared = ({ lags, rolling, calendar }: FeatureOptions): FeatureTerm[] => [
  ...counts(...lags).map((periods): FeatureTerm => ({ kind: 'lag', periods })),
  ...counts(...rolling.windows).flatMap((window) =>
    rolling.statistics.map((statistic): FeatureTerm => ({ kind: 'rolling', window, statistic })),
  ),
  ...calendar.map((field): FeatureTerm => ({ kind: 'calendar', field })),
];

/** Longer seasons would take more columns than what a week or a year of months is made of. */
const SEASON_OF_VALUES_MAX = 14;

/** All values of two seasons and a little more, where there is but a short one. */
const latest = ({ short, hasLong }: SeasonPair): FeatureTerm[] =>
  hasLong || short > SEASON_OF_VALUES_MAX
    ? []
    : Array.from({ length: 2 * short + 2 }, (_, index) => ({ kind: 'lag', periods: index + 1 }));

const RECENT_DEVIATIONS = [0, 1, 2, 3];
/** Periods of which the least and the greatest value bound what may be forecast. */
const RANGE_MIN = 56;

/** The unit, the range so far, the level, and how both deviate from what is usual. */
const recent = ({ short, slot, window }: SeasonPair): FeatureTerm[] => {
  const quarter = Math.max(2, Math.floor(short / 4));
  const history = Math.max((DEVIATION_SLOTS + 1) * slot, RANGE_MIN);
  const change = (length: number, base: number, shift: number): FeatureTerm => ({
    kind: 'level-change',
    window: length,
    base,
    shift,
  });
  return [
    { kind: 'scale' },
    { kind: 'rolling', window: history, statistic: 'min' },
    { kind: 'rolling', window: history, statistic: 'max' },
    { kind: 'rolling', window: short, statistic: 'mean' },
    ...RECENT_DEVIATIONS.map((periods): FeatureTerm => ({ kind: 'deviation', periods })),
    // One period before those of the profiles, for the period before the first target.
    ...[short, slot].map((periods): FeatureTerm => ({ kind: 'deviation', periods })),
    ...counts(quarter, short, 2 * short, window).map((length): FeatureTerm => ({
      kind: 'deviation-mean',
      window: length,
    })),
    change(short, short, short),
    change(short, short, window),
    change(short, window, 0),
    change(window, window, window),
    change(quarter, quarter, short),
    change(quarter, quarter, window),
    { kind: 'whole' },
  ];
};

interface SlotOptions {
  readonly season: number;
  readonly from: number;
  readonly to: number;
  readonly offset?: number;
  readonly after?: number;
}

const seasonal = ({ season, from, to, offset = 0, after }: SlotOptions): FeatureTerm => ({
  kind: 'profile',
  profile: { of: 'seasonal', season, from, to, offset, ...(after === undefined ? {} : { after }) },
});

const DAYS_BACK = 7;
const WEEKS_BACK = 3;

/** The first one is the anchor of the direct models, the third the slot mean. */
const profiles = (seasons: SeasonPair): FeatureTerm[] => {
  const { short, slot, hasLong } = seasons;
  const days = Array.from({ length: DAYS_BACK }, (_, index) =>
    seasonal({ season: short, from: index + 1, to: index + 1 }),
  );
  const slotMeans = [
    seasonal({ season: slot, from: 1, to: 4 }),
    seasonal({ season: slot, from: 1, to: DEVIATION_SLOTS }),
  ];
  const deviations = counts(short, 2 * short, slot).map((lag): FeatureTerm => ({
    kind: 'profile',
    profile: { of: 'deviation', lag },
  }));
  return [...days, ...slotMeans, ...(hasLong ? weeklyProfiles(seasons) : []), ...deviations];
};

/** Weeks ago, the anchor's own usual value, and the neighbours of the slot. */
const weeklyProfiles = ({ short, slot }: SeasonPair): FeatureTerm[] => [
  ...Array.from({ length: WEEKS_BACK }, (_, index) =>
    seasonal({ season: slot, from: index + 1, to: index + 1 }),
  ),
  seasonal({ season: slot, from: 1, to: DEVIATION_SLOTS, after: short }),
  seasonal({ season: slot, from: 1, to: 4, offset: 1 }),
  seasonal({ season: slot, from: 1, to: 4, offset: -1 }),
  seasonal({ season: short, from: 1, to: 28 }),
  seasonal({ season: short, from: 1, to: 7, offset: 1 }),
  // One day further back, so that the slot after the target's is always known.
  seasonal({ season: short, from: 2, to: 8, offset: -1 }),
];

const HOLIDAY_FIELDS: readonly HolidayField[] = [
  'is_holiday',
  'is_day_before_holiday',
  'is_day_after_holiday',
];

const holidayProfiles: readonly FeatureTerm[] = [
  ...HOLIDAY_FIELDS.map((field): FeatureTerm => ({
    kind: 'profile',
    profile: { of: 'holiday', field },
  })),
  { kind: 'profile', profile: { of: 'special-day' } },
];

/** The finest field of the target for each that the configuration lists of the first target. */
const TARGET_FIELDS: Partial<Record<CalendarField, TargetField>> = {
  hour: 'minuteofday',
  dayofweek: 'dayofweek',
  month: 'dayofyear',
};

/** Where the target lies on the calendar; days and longer periods all begin at midnight. */
const targetProfiles = ({ calendar, frequency, timeZone }: FeatureOptions): FeatureTerm[] => {
  const isWithinDays = parseFrequency(frequency, timeZone).kind === 'fixed';
  return calendar.flatMap((name): FeatureTerm[] => {
    const field = TARGET_FIELDS[name];
    if (field === undefined || (field === 'minuteofday' && !isWithinDays)) return [];
    return [{ kind: 'profile', profile: { of: 'calendar', field } }];
  });
};
