import HolidayRules from 'date-holidays';
import { DAY_MS } from '../core/duration.ts';
import type { Holidays } from './calendar.ts';
import { CalendarError } from './errors.ts';

/** Rules change between releases; models remember which one they learnt from. */
export const HOLIDAYS_VERSION = 'date-holidays@3.37.0';

const FIRST_YEAR = 1990;
const LAST_YEAR = 2050;

/**
 * The public holidays of a country (`US`), a state (`DE-BE`) or a region of one (`CH-ZH-ZH`) from
 * 1990 to 2050. Takes some hundred milliseconds: once at start, never on the way.
 */
export const publicHolidays = (region: string): Holidays => {
  const rules = rulesOf(region);
  const days = new Set<number>();
  for (let year = FIRST_YEAR; year <= LAST_YEAR; year += 1) {
    for (const { date, start, end, type } of rules.getHolidays(year)) {
      if (type !== 'public') continue;
      const first = Date.parse(`${date.slice(0, 10)}T00:00:00Z`) / DAY_MS;
      const count = Math.max(1, Math.round((end.getTime() - start.getTime()) / DAY_MS));
      for (let day = first; day < first + count; day += 1) days.add(day);
    }
  }
  return {
    region,
    version: HOLIDAYS_VERSION,
    days: Int32Array.from(days).sort(),
  };
};

const rulesOf = (region: string): HolidayRules => {
  const [country = '', state, part] = region.split('-');
  const rules = new HolidayRules();
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
