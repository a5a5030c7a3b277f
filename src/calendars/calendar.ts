import { assert } from '../core/assert.ts';
import { DAY_MS } from '../core/duration.ts';

/** Public holidays of a region, by local date. Plain data, so that it can be handed to a worker. */
export interface Holidays {
  readonly region: string;
  /** Where the dates come from; another version may know other dates. */
  readonly version: string;
  /** Days since 1970-01-01, ascending. */
  readonly days: Int32Array;
}

/** What the public holidays of a region follow from; a year's are found when it is asked for. */
export interface HolidayRules {
  readonly region: string;
  readonly version: string;
  /** Those of some years, both included. Years that the rules do not know have none. */
  within(firstYear: number, lastYear: number): Holidays;
}

/** Answers whether a local day is a holiday. */
export interface Calendar {
  readonly holidays: { readonly region: string; readonly version: string } | null;
  /** `day` counts from 1970-01-01. */
  isHoliday(day: number): boolean;
}

export const NO_HOLIDAYS: Calendar = { holidays: null, isHoliday: () => false };

/** A table lookup over the span of the given days; outside of it nothing is a holiday. */
export const calendarOf = (holidays: Holidays): Calendar => {
  const { days, region, version } = holidays;
  const first = days[0] ?? 0;
  const table = new Uint8Array((days.at(-1) ?? 0) - first + 1);
  let before = -Infinity;
  for (const day of days) {
    assert(day > before, `the holidays of ${region} are not in ascending order`);
    before = day;
    table[day - first] = 1;
  }
  if (days.length === 0) table.fill(0);
  return { holidays: { region, version }, isHoliday: (day) => table[day - first] === 1 };
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
    isHoliday: (day) => {
      if (day < from || day >= until) turnTo(day);
      return known.isHoliday(day);
    },
  };
};
