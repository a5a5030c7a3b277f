import { assert } from '../core/assert.ts';
import { DAY_MS } from '../core/duration.ts';

/** Public holidays of a region, by local date. Plain data, so that it can be handed to a worker. */
export interface Holidays {
  readonly region: string;
  /** Where the dates come from; another version may know other dates. */
  readonly version: string;
  /** Days since 1970-01-01, ascending. */
  readonly days: Int32Array;
  /** Which holiday each is: a number above 0, the same in all years. */
  readonly which: Int32Array;
}

/** What the public holidays of a region follow from; a year's are found when it is asked for. */
export interface HolidayRules {
  readonly region: string;
  readonly version: string;
  /** Those of some years, both included. Years that the rules do not know have none. */
  within(firstYear: number, lastYear: number): Holidays;
}

/** Answers whether a local day is a holiday, and which one. */
export interface Calendar {
  readonly holidays: { readonly region: string; readonly version: string } | null;
  /** `day` counts from 1970-01-01; 0 for none. */
  holidayOn(day: number): number;
}

export const NO_HOLIDAYS: Calendar = { holidays: null, holidayOn: () => 0 };

export const isHoliday = (calendar: Calendar, day: number): boolean => calendar.holidayOn(day) > 0;

/** A day before a holiday, a holiday, a day after one: what is added for it. */
const [BEFORE, ON, AFTER] = [0, 1, 2];

/**
 * A number for each holiday of a region, for the day before it and for the day after it, the same
 * in all years; 0 for other days. A holiday counts as nothing but itself, and what lies between two
 * as the day before the second.
 */
export const specialDay = (calendar: Calendar, day: number): number => {
  const numbered = (holiday: number, place: number): number =>
    holiday > 0 ? 3 * holiday + place : 0;
  return (
    numbered(calendar.holidayOn(day), ON) ||
    numbered(calendar.holidayOn(day + 1), BEFORE) ||
    numbered(calendar.holidayOn(day - 1), AFTER)
  );
};

/** A table lookup over the span of the given days; outside of it nothing is a holiday. */
export const calendarOf = (holidays: Holidays): Calendar => {
  const { days, which, region, version } = holidays;
  const first = days[0] ?? 0;
  const table = new Int32Array((days.at(-1) ?? 0) - first + 1);
  let before = -Infinity;
  for (const [place, day] of days.entries()) {
    assert(day > before, `the holidays of ${region} are not in ascending order`);
    before = day;
    table[day - first] = which[place] ?? 0;
  }
  return { holidays: { region, version }, holidayOn: (day) => table[day - first] ?? 0 };
};

/** The year in which a day lies that counts from 1970-01-01. */
export const yearOfDay = (day: number): number => new Date(day * DAY_MS).getUTCFullYear();

/** Of whole years, with one more on each side, where neighbours of the first and last day lie. */
export const holidaysAround = (
  rules: HolidayRules | null,
  startMs: number,
  endMs: number,
): Holidays | null => {
  const yearOf = (ms: number): number => new Date(ms).getUTCFullYear();
  return rules?.within(yearOf(startMs) - 1, yearOf(endMs) + 1) ?? null;
};

/**
 * A table for each year that is asked about: a stream sees a few of them, and the rules of all
 * would hold up every start for half a second.
 */
export const calendarByYear = (rules: HolidayRules): Calendar => {
  const { region, version } = rules;
  const years = new Map<number, Calendar>();
  let [known, from, until] = [NO_HOLIDAYS, 0, 0];
  const turnTo = (day: number): void => {
    const year = yearOfDay(day);
    from = Date.UTC(year, 0, 1) / DAY_MS;
    until = Date.UTC(year + 1, 0, 1) / DAY_MS;
    known = years.get(year) ?? calendarOf(rules.within(year, year));
    years.set(year, known);
  };
  return {
    holidays: { region, version },
    holidayOn: (day) => {
      if (day < from || day >= until) turnTo(day);
      return known.holidayOn(day);
    },
  };
};
