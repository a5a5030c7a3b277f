// Hot file: indices are in range by construction, so typed-array reads are narrowed with `as
// number`.
import { isHoliday, specialDay, type Calendar } from '../calendars/calendar.ts';
import type { Profile, TargetField } from '../schemas/feature-schema.ts';
import { dayOfWeek, dayOfYear, type LocalClock } from './local-clock.ts';
import type { Row } from './row.ts';
import { DEVIATION_SLOTS, deviationAt } from './sources.ts';

/** A value for each step of a row. */
export interface ProfileSource {
  readonly name: string;
  /** Periods before the origin that it reads. */
  readonly lookback: number;
  /**
   * Steps at which the value is not that of the same target at the origin before, because the lags
   * of the step change: 0-based.
   */
  readonly freshSteps: Int32Array;
  /** Value for the target origin + step. */
  value(row: Row, step: number): number;
}

export interface ProfileOptions {
  readonly horizon: number;
  readonly clock: LocalClock;
  readonly calendar: Calendar;
  /** The season of the slots that deviations are measured against. */
  readonly slot: number;
}

interface Freshness {
  readonly seasons: readonly number[];
  readonly offset: number;
  readonly horizon: number;
}

/** The last step, and those at the end of a season: the step after needs another season back. */
const freshStepsOf = ({ seasons, offset, horizon }: Freshness): Int32Array => {
  const isLastOf = (season: number, step: number): boolean =>
    step % season === 0 || (offset < 0 && step % season >= season + offset);
  return Int32Array.from(
    Array.from({ length: horizon }, (_, index) => index + 1).filter(
      (step) => step === horizon || seasons.some((season) => isLastOf(season, step)),
    ),
    (step) => step - 1,
  );
};

type Seasonal = Extract<Profile, { readonly of: 'seasonal' }>;

const seasonalName = ({ season, from, to, offset, after }: Seasonal): string => {
  const span = from === to ? String(from) : `${from}..${to}`;
  const beside = offset === 0 ? '' : `_offset_${offset}`;
  return `seasonal_${season}_${span}${beside}${after === undefined ? '' : `_after_${after}`}`;
};

/** Lags from the target, step by step: `count` of them each. */
const lagsOf = ({ season, from, to, after }: Seasonal, horizon: number): Int32Array => {
  const lags: number[] = [];
  for (let step = 1; step <= horizon; step += 1) {
    const base = season * (Math.ceil(step / season) - 1);
    const rest = after === undefined ? 0 : after * Math.ceil(step / after);
    for (let back = from; back <= to; back += 1) lags.push(base + rest + season * back);
  }
  return Int32Array.from(lags);
};

/** Mean of the known values at some lags of each target; further back where the clock hides one. */
class SeasonalProfile implements ProfileSource {
  readonly name: string;
  readonly lookback: number;
  readonly freshSteps: Int32Array;
  private readonly clock: LocalClock;
  private readonly lags: Int32Array;
  /** The lags counted from the origin, where every day has the same number of periods. */
  private readonly gaps: Int32Array;
  private readonly count: number;
  private readonly offset: number;
  private readonly season: number;

  constructor(profile: Seasonal, { horizon, clock }: ProfileOptions) {
    const { season, offset, after } = profile;
    this.name = seasonalName(profile);
    this.clock = clock;
    this.lags = lagsOf(profile, horizon);
    this.count = profile.to - profile.from + 1;
    this.offset = offset;
    this.season = season;
    this.freshSteps = freshStepsOf({
      seasons: after === undefined ? [season] : [season, after],
      offset,
      horizon,
    });
    this.gaps = this.lags.map((lag, index) => {
      const gap = lag + offset - 1 - Math.floor(index / this.count);
      return gap < 0 ? gap + season : gap;
    });
    const reach = this.gaps.reduce((farthest, gap) => Math.max(farthest, gap), 0);
    this.lookback = reach + (clock.isUniform ? 0 : season + clock.slack);
  }

  value(row: Row, step: number): number {
    return row.isPlain ? this.plainValue(row, step) : this.clockValue(row, step);
  }

  private plainValue(row: Row, step: number): number {
    const { gaps, count } = this;
    const { ring, ringAt, capacity, slot, known: reach } = row;
    let known = 0;
    let sum = 0;
    for (let index = (step - 1) * count; index < step * count; index += 1) {
      const gap = gaps[index] as number;
      if (gap > reach) continue;
      const at = slot - gap;
      const value = ring[at < ringAt ? at + capacity : at] as number;
      if (Number.isNaN(value)) continue;
      known += 1;
      sum += value;
    }
    return known === 0 ? Number.NaN : sum / known;
  }

  private clockValue(row: Row, step: number): number {
    const target = row.origin + step;
    const { lags, count, offset, clock } = this;
    let known = 0;
    let sum = 0;
    for (let index = (step - 1) * count; index < step * count; index += 1) {
      const lag = lags[index] as number;
      let period = clock.before(target, lag) - offset;
      // After a spring change the same slot of the day before may lie one hour ahead of the origin.
      if (period > row.origin) period = clock.before(target, lag + this.season) - offset;
      const value = row.at(period);
      if (Number.isNaN(value)) continue;
      known += 1;
      sum += value;
    }
    return known === 0 ? Number.NaN : sum / known;
  }
}

const deviationProfile = (
  { lag }: Extract<Profile, { readonly of: 'deviation' }>,
  { horizon, clock, slot }: ProfileOptions,
): ProfileSource => ({
  name: `deviation_${lag}`,
  lookback: lag - 1 + DEVIATION_SLOTS * slot + clock.slack,
  freshSteps: Int32Array.from(lag < horizon ? [lag - 1, horizon - 1] : [horizon - 1]),
  value: (row, step) =>
    step > lag ? Number.NaN : deviationAt(row, clock, row.origin + step - lag, slot),
});

const holidayProfile = (
  { field }: Extract<Profile, { readonly of: 'holiday' }>,
  { horizon, clock, calendar }: ProfileOptions,
): ProfileSource => {
  const neighbour = { is_holiday: 0, is_day_before_holiday: 1, is_day_after_holiday: -1 }[field];
  return {
    name: field,
    lookback: 0,
    freshSteps: freshStepsOf({ seasons: [], offset: 0, horizon }),
    value: (row, step) => {
      const day = clock.dayOf(row.origin + step);
      if (neighbour === 0) return isHoliday(calendar, day) ? 1 : 0;
      return isHoliday(calendar, day + neighbour) && !isHoliday(calendar, day) ? 1 : 0;
    },
  };
};

const specialDayProfile = ({ horizon, clock, calendar }: ProfileOptions): ProfileSource => ({
  name: 'special_day',
  lookback: 0,
  freshSteps: freshStepsOf({ seasons: [], offset: 0, horizon }),
  value: (row, step) => specialDay(calendar, clock.dayOf(row.origin + step)),
});

type FieldReader = (clock: LocalClock, period: number) => number;

const TARGET_FIELDS: Readonly<Record<TargetField, FieldReader>> = {
  minuteofday: (clock, period) => clock.minuteOf(period),
  dayofweek: (clock, period) => dayOfWeek(clock.dayOf(period)),
  dayofyear: (clock, period) => dayOfYear(clock.dayOf(period)),
};

const calendarProfile = (
  { field }: Extract<Profile, { readonly of: 'calendar' }>,
  { horizon, clock }: ProfileOptions,
): ProfileSource => ({
  name: `target_${field}`,
  lookback: 0,
  freshSteps: freshStepsOf({ seasons: [], offset: 0, horizon }),
  value: (row, step) => TARGET_FIELDS[field](clock, row.origin + step),
});

/** What a profile term computes. */
export const profileSource = (profile: Profile, options: ProfileOptions): ProfileSource => {
  switch (profile.of) {
    case 'seasonal':
      return new SeasonalProfile(profile, options);
    case 'deviation':
      return deviationProfile(profile, options);
    case 'holiday':
      return holidayProfile(profile, options);
    case 'special-day':
      return specialDayProfile(options);
    case 'calendar':
      return calendarProfile(profile, options);
  }
};
