import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { calendarByYear, calendarOf, NO_HOLIDAYS } from '../../../src/calendars/calendar.ts';
import { CalendarError } from '../../../src/calendars/errors.ts';
import { HOLIDAYS_VERSION, publicHolidays } from '../../../src/calendars/public-holidays.ts';

const dayOf = (date: string): number => Date.parse(date) / 86_400_000;

const holidaysOf = (region: string, year: number): string[] => {
  const calendar = calendarByYear(publicHolidays(region));
  const dates: string[] = [];
  for (let day = dayOf(`${year}-01-01`); day < dayOf(`${year + 1}-01-01`); day += 1) {
    if (calendar.isHoliday(day)) dates.push(new Date(day * 86_400_000).toISOString().slice(5, 10));
  }
  return dates;
};

describe('a calendar', () => {
  it('knows the public holidays of the United States in 2001', () => {
    expect(holidaysOf('US', 2001).join(' ')).toBe(
      '01-01 01-15 02-19 05-28 07-04 09-03 10-08 11-11 11-22 12-25',
    );
  });

  it('knows holidays of a state that the country does not have', () => {
    expect(holidaysOf('DE-BE', 2023)).toContain('03-08');
    expect(holidaysOf('DE', 2023)).not.toContain('03-08');
  });

  it('has no holiday outside of its table, and none at all without one', () => {
    const calendar = calendarByYear(publicHolidays('US'));
    expect(calendar.isHoliday(dayOf('1950-12-25'))).toBe(false);
    expect(calendar.isHoliday(dayOf('2099-12-25'))).toBe(false);
    expect(NO_HOLIDAYS.isHoliday(dayOf('2001-12-25'))).toBe(false);
    const empty = calendarOf({ region: 'X', version: '1', days: new Int32Array() });
    expect(empty.isHoliday(0)).toBe(false);
  });

  it.each(['US', 'DE-BE', 'CN', 'IR'])(
    'knows of %s year by year what it knows at once',
    (region) => {
      const rules = publicHolidays(region);
      const [whole, yearly] = [calendarOf(rules.within(1990, 2050)), calendarByYear(rules)];
      const days = { whole: [] as number[], yearly: [] as number[] };
      // Backwards, so that a year is asked before what is observed in it by the one that follows.
      for (let day = dayOf('2052-01-01'); day > dayOf('1988-01-01'); day -= 1) {
        if (whole.isHoliday(day)) days.whole.push(day);
        if (yearly.isHoliday(day)) days.yearly.push(day);
      }
      expect(days.yearly).toEqual(days.whole);
      expect(days.whole.length).toBeGreaterThan(500);
    },
  );

  it('names the version that is installed', () => {
    const manifest = readFileSync(new URL('../../../package.json', import.meta.url), 'utf8');
    const [name, version] = HOLIDAYS_VERSION.split('@');
    expect(manifest).toContain(`"${name ?? ''}": "${version ?? ''}"`);
    expect(calendarByYear(publicHolidays('US')).holidays).toEqual({
      region: 'US',
      version: HOLIDAYS_VERSION,
    });
  });

  it.each(['XX', 'DE-ZZ', ''])('refuses the region "%s"', (region) => {
    expect(() => publicHolidays(region)).toThrow(CalendarError);
  });
});
