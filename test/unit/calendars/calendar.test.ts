import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  calendarByYear,
  calendarOf,
  isHoliday,
  NO_HOLIDAYS,
  specialDay,
} from '../../../src/calendars/calendar.ts';
import { CalendarError } from '../../../src/calendars/errors.ts';
import { HOLIDAYS_VERSION, publicHolidays } from '../../../src/calendars/public-holidays.ts';

const dayOf = (date: string): number => Date.parse(date) / 86_400_000;

const holidaysOf = (region: string, year: number): string[] => {
  const calendar = calendarByYear(publicHolidays(region));
  const dates: string[] = [];
  for (let day = dayOf(`${year}-01-01`); day < dayOf(`${year + 1}-01-01`); day += 1) {
    if (isHoliday(calendar, day)) dates.push(new Date(day * 86_400_000).toISOString().slice(5, 10));
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

  it('ends a feast with its last whole day, and leaves out half days', () => {
    const inTurkey = holidaysOf('TR', 2024).join(' ');
    expect(inTurkey).toContain('04-10 04-11 04-12 04-23');
    expect(inTurkey).toContain('05-19 06-16 06-17 06-18 06-19 07-15');
    const inChina = holidaysOf('CN', 2024).join(' ');
    expect(inChina).toContain('02-09 02-10 02-11 04-04');
    expect(inChina).not.toMatch(/03-08|05-04|08-01/);
  });

  it('keeps holidays on days that a change of clocks makes shorter or longer', () => {
    expect(holidaysOf('EE', 2002)).toContain('03-31');
    expect(holidaysOf('AT', 2003).join(' ')).toContain('10-26 11-01');
    expect(holidaysOf('EG', 2010).join(' ')).toContain('07-23 09-10 09-11 09-12 10-06');
  });

  it('has no holiday outside of its table, and none at all without one', () => {
    const calendar = calendarByYear(publicHolidays('US'));
    expect(isHoliday(calendar, dayOf('1950-12-25'))).toBe(false);
    expect(isHoliday(calendar, dayOf('2099-12-25'))).toBe(false);
    expect(isHoliday(NO_HOLIDAYS, dayOf('2001-12-25'))).toBe(false);
    const none = new Int32Array();
    const empty = calendarOf({ region: 'X', version: '1', days: none, which: none });
    expect(isHoliday(empty, 0)).toBe(false);
  });

  it('numbers a holiday, the day before and the day after alike in all years', () => {
    const calendar = calendarByYear(publicHolidays('US'));
    const around = (dates: readonly string[]): number[] =>
      dates.map((date) => specialDay(calendar, dayOf(date)));
    const thanksgiving = around(['2001-11-21', '2001-11-22', '2001-11-23']);
    expect(around(['2012-11-21', '2012-11-22', '2012-11-23'])).toEqual(thanksgiving);
    const [before = 0, on, after] = thanksgiving;
    expect([on, after]).toEqual([before + 1, before + 2]);
    const other = around(['2001-12-24', '2001-12-25', '2001-12-26', '2001-12-27']);
    expect(new Set([...thanksgiving, ...other]).size).toBe(7);
    expect(other.at(-1)).toBe(0);
  });

  it('takes what lies beside a holiday and is one itself for that one', () => {
    const calendar = calendarByYear(publicHolidays('AU-VIC'));
    const [eve = 0, christmas, boxing = 0, after] = [
      '2012-12-24',
      '2012-12-25',
      '2012-12-26',
      '2012-12-27',
    ].map((date) => specialDay(calendar, dayOf(date)));
    expect(christmas).toBe(eve + 1);
    expect(after).toBe(boxing + 1);
  });

  it.each(['US', 'DE-BE', 'CN', 'IR'])(
    'knows of %s year by year what it knows at once',
    (region) => {
      const rules = publicHolidays(region);
      const [whole, yearly] = [calendarOf(rules.within(1990, 2050)), calendarByYear(rules)];
      const days = { whole: [] as number[], yearly: [] as number[] };
      // Backwards, so that a year is asked before what is observed in it by the one that follows.
      for (let day = dayOf('2052-01-01'); day > dayOf('1988-01-01'); day -= 1) {
        if (isHoliday(whole, day)) days.whole.push(day, whole.holidayOn(day));
        if (isHoliday(yearly, day)) days.yearly.push(day, yearly.holidayOn(day));
      }
      expect(days.yearly).toEqual(days.whole);
      expect(days.whole.length).toBeGreaterThan(1_000);
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
