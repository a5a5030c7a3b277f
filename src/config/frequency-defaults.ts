import { DAY_MS, HOUR_MS, SECOND_MS } from '../core/duration.ts';
import type { Frequency } from '../core/frequency.ts';
import { JUDGED_SHARE } from '../retraining/judged-share.ts';
import type { CalendarField } from '../schemas/feature-schema.ts';

/** What suits a frequency, wherever the file says nothing. Counts are periods. */
export interface FrequencyDefaults {
  readonly horizon: number;
  readonly seasons: readonly number[];
  readonly lags: readonly number[];
  readonly windows: readonly number[];
  readonly calendar: readonly CalendarField[];
  readonly grace: string;
  readonly staleAfter: string;
  readonly deadAfter: string;
  readonly accuracyWindows: readonly string[];
  readonly trainingWindowDays: number;
  readonly judgeDays: number;
}

const DATE_FIELDS = ['dayofweek', 'month', 'is_weekend', 'is_holiday'] as const;

const DAILY: FrequencyDefaults = {
  horizon: 7,
  seasons: [7],
  lags: [1, 7, 14, 28, 365],
  windows: [7, 14, 28],
  calendar: ['hour', ...DATE_FIELDS],
  grace: '1h',
  staleAfter: '7d',
  deadAfter: '60d',
  accuracyWindows: ['7d', '28d', '91d'],
  trainingWindowDays: 365,
  judgeDays: 56,
};

const WEEKLY: FrequencyDefaults = {
  horizon: 8,
  seasons: [52],
  lags: [1, 2, 4, 8, 52],
  windows: [4, 13, 26],
  calendar: ['month'],
  grace: '6h',
  staleAfter: '4w',
  deadAfter: '26w',
  accuracyWindows: ['13w', '52w'],
  trainingWindowDays: 3_650,
  judgeDays: 912,
};

const MONTHLY: FrequencyDefaults = {
  horizon: 12,
  seasons: [12],
  lags: [1, 2, 3, 6, 12],
  windows: [3, 6, 12],
  calendar: ['month'],
  grace: '1d',
  staleAfter: '90d',
  deadAfter: '730d',
  accuracyWindows: ['52w', '104w'],
  trainingWindowDays: 7_300,
  judgeDays: 1_825,
};

/** Days that may be judged of a training window at most. */
export const judgedDaysMax = (trainingWindowDays: number): number =>
  Math.max(1, Math.floor(trainingWindowDays * JUDGED_SHARE));

/** Several days: no season is known, so nothing is claimed about one. */
const SOME_DAYS: FrequencyDefaults = {
  ...DAILY,
  seasons: [],
  lags: [1, 2, 3, 7],
  windows: [4, 8],
  calendar: ['month'],
  trainingWindowDays: 1_095,
  judgeDays: 182,
};

/** Twelve months as frequencies count them. */
const YEAR_MS = 360 * DAY_MS;

/** A day ahead, but at least what a call without a horizon asks for, and never a huge forecast. */
const HORIZON_MIN = 7;
const HORIZON_MAX = 96;

const distinct = (numbers: readonly number[]): number[] =>
  [...new Set(numbers.filter((n) => n >= 1))].sort((a, b) => a - b);

/** A year is the season where it has a whole number of periods: four quarters. */
const inMonths = ({ nominalMs }: Frequency): FrequencyDefaults => {
  const year = YEAR_MS / nominalMs;
  if (year === 12) return MONTHLY;
  const season = Number.isInteger(year) && year > 1 ? [year] : [];
  return {
    ...MONTHLY,
    horizon: Math.max(4, Math.floor(year)),
    seasons: season,
    lags: distinct([1, 2, 3, ...season]),
    windows: distinct([2, 4, ...season.map((periods) => 2 * periods)]),
  };
};

/** A day and a week are the seasons of what happens within days; four of these weeks are kept. */
const withinDays = ({ nominalMs }: Frequency): FrequencyDefaults => {
  const day = DAY_MS / nominalMs;
  const week = 7 * day;
  const graceMs = Math.min(HOUR_MS, Math.max(SECOND_MS, nominalMs / 6));
  return {
    horizon: Math.min(HORIZON_MAX, Math.max(HORIZON_MIN, day)),
    seasons: distinct([day, week]),
    lags: distinct([1, 2, 3, day, 2 * day, week, 2 * week, 3 * week, 4 * week]),
    windows: distinct([Math.max(2, Math.floor(day / 4)), day, week]),
    calendar: ['hour', ...DATE_FIELDS],
    grace: `${Math.round(graceMs / SECOND_MS)}s`,
    staleAfter: '2d',
    deadAfter: '28d',
    accuracyWindows: ['1d', '7d', '28d'],
    trainingWindowDays: 365,
    judgeDays: 28,
  };
};

/** The defaults of a frequency: hours have a day and a week for seasons, days a week. */
export const frequencyDefaults = (frequency: Frequency): FrequencyDefaults => {
  switch (frequency.kind) {
    case 'fixed':
      return withinDays(frequency);
    case 'days':
      return frequency.nominalMs === DAY_MS ? DAILY : SOME_DAYS;
    case 'weeks':
      return frequency.nominalMs === 7 * DAY_MS ? WEEKLY : SOME_DAYS;
    case 'months':
      return inMonths(frequency);
  }
};
