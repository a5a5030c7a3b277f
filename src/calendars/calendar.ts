import { assert } from '../core/assert.ts';

/** Public holidays of a region, by local date. Plain data, so that it can be handed to a worker. */
export interface Holidays {
  readonly region: string;
  /** Where the dates come from; another version may know other dates. */
  readonly version: string;
  /** Days since 1970-01-01, ascending. */
  readonly days: Int32Array;
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
