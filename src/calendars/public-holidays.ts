import DateHolidays from 'date-holidays';
import { contentHash } from '../core/content-hash.ts';
import { DAY_MS, HOUR_MS } from '../core/duration.ts';
import { yearOfDay, type HolidayRules } from './calendar.ts';
import { CalendarError } from './errors.ts';

/** Rules change between releases; models remember which one they learnt from. */
export const HOLIDAYS_VERSION = 'date-holidays@3.37.0';

const FIRST_YEAR = 1990;
const LAST_YEAR = 2050;

/**
 * The public holidays of a country (`US`), a state (`DE-BE`) or a region of one (`CH-ZH-ZH`) from
 * 1990 to 2050. A year takes some ten milliseconds.
 *
 * @throws CalendarError for a region of which no holidays are known.
 */
export const publicHolidays = (region: string): HolidayRules => {
  const rules = rulesOf(region);
  const found = new Map<number, readonly Found[]>();
  const foundIn = (year: number): readonly Found[] => {
    const days = found.get(year) ?? daysFrom(rules, year);
    found.set(year, days);
    return days;
  };
  return {
    ...{ region, version: HOLIDAYS_VERSION },
    within: (firstYear, lastYear) => {
      const byDay = new Map<number, number>();
      // A holiday may last into the next year, or be observed in the one before.
      const last = Math.min(lastYear + 1, LAST_YEAR);
      for (let year = Math.max(firstYear - 1, FIRST_YEAR); year <= last; year += 1) {
        for (const { day, which } of foundIn(year)) {
          const lies = yearOfDay(day);
          // Two holidays may fall on one day; whichever is asked for first, it is the same one.
          if (lies >= firstYear && lies <= lastYear) {
            byDay.set(day, Math.min(which, byDay.get(day) ?? which));
          }
        }
      }
      const days = Int32Array.from(byDay.keys()).sort();
      const which = days.map((day) => byDay.get(day) ?? 0);
      return { region, version: HOLIDAYS_VERSION, days, which };
    },
  };
};

interface Found {
  readonly day: number;
  readonly which: number;
}

/** A day on which clocks are set forward lacks an hour. */
const CLOCK_CHANGE_MS = HOUR_MS;

/**
 * The days of all public holidays that the rules list for a year. Only whole ones: feasts may begin
 * on the eve and end at noon, and half days are not free for all.
 */
const daysFrom = (rules: DateHolidays, year: number): readonly Found[] =>
  rules.getHolidays(year).flatMap(({ date, start, end, type, name }) => {
    if (type !== 'public') return [];
    const first = Date.parse(`${date.slice(0, 10)}T00:00:00Z`) / DAY_MS;
    const count = Math.floor((end.getTime() - start.getTime() + CLOCK_CHANGE_MS) / DAY_MS);
    return Array.from({ length: count }, (_, index) => ({
      day: first + index,
      which: numberOf(name, index),
    }));
  });

/** Twenty bits of the hash of a holiday's name, for each of its days; above 0. */
const numberOf = (name: string, index: number): number =>
  1 + Number.parseInt(contentHash([name, String(index)]).slice(0, 5), 16);

const rulesOf = (region: string): DateHolidays => {
  const [country = '', state, part] = region.split('-');
  const rules = new DateHolidays();
  const known = Object.hasOwn(rules.getCountries(), country);
  const states: unknown = known && state !== undefined ? rules.getStates(country) : undefined;
  const knownState = state === undefined || (isRecord(states) && Object.hasOwn(states, state));
  if (!known || !knownState) {
    throw new CalendarError(
      'HOLIDAYS_UNKNOWN_REGION',
      `No holidays are known for "${region}": write a country such as US, or a state such as DE-BE`,
    );
  }
  if (state === undefined) rules.init(country);
  else if (part === undefined) rules.init(country, state);
  else rules.init(country, state, part);
  return rules;
};

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;
