import { describe, expect, it } from 'vitest';
import { clockSlots, seasonPlaces, weekdays } from '../../../../src/cli/backtest/plot/slots.ts';
import { parseFrequency } from '../../../../src/core/frequency.ts';

const nameAt = (frequency: string, zone: string, time: string): string | undefined => {
  const parsed = parseFrequency(frequency, zone);
  const slots = clockSlots(parsed);
  return `${slots.title}: ${slots.names[slots.of(parsed.periodOf(Date.parse(time)))] ?? ''}`;
};

describe('slots', () => {
  it.each([
    ['1h', 'UTC', '2001-06-03T14:20:00Z', 'Hour of day: 14'],
    // Summer time.
    ['30m', 'America/New_York', '2001-06-03T03:30:00Z', 'Hour of day: 23'],
    ['1h', 'UTC', '1969-12-31T23:00:00Z', 'Hour of day: 23'],
    ['1d', 'America/New_York', '2001-06-03T03:30:00Z', 'Day of week: Sat'],
    ['1w', 'UTC', '2001-06-03T00:00:00Z', 'Month: May'],
    ['1mo', 'UTC', '2001-06-03T00:00:00Z', 'Month: Jun'],
  ])('of %s in %s are told by the local clock: %s', (...[frequency, zone, time, name]) => {
    expect(nameAt(frequency, zone, time)).toBe(name);
  });

  it('are days of the week, Monday first', () => {
    const frequency = parseFrequency('1h');
    const slots = weekdays(frequency);
    const monday = frequency.periodOf(Date.UTC(2001, 5, 4));
    expect([slots.of(monday), slots.of(monday - 1)]).toEqual([0, 6]);
  });

  it('are places of the season where no clock is known, long seasons in parts', () => {
    expect([0, 23, 24].map((period) => seasonPlaces(24).of(period))).toEqual([0, 23, 0]);
    const long = seasonPlaces(168);
    expect(long.names).toHaveLength(24);
    expect([0, 6, 7, 167].map((period) => long.of(period))).toEqual([0, 0, 1, 23]);
  });
});
