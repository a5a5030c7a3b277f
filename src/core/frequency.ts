import { DAY_MS, DurationError, parseDuration, SECOND_MS } from './duration.ts';
import { timeZone, type TimeZone } from './time-zone.ts';

/**
 * How time is cut into periods, numbered by consecutive integers that grow with time. Sub-daily
 * periods are aligned in UTC, so they are all equally long; days, weeks (from Monday) and months
 * follow the zone's local clock.
 */
export interface Frequency {
  readonly text: string;
  readonly kind: 'fixed' | 'days' | 'weeks' | 'months';
  /** Length in milliseconds; nominal (24 h a day, 30 days a month) unless the kind is `fixed`. */
  readonly nominalMs: number;
  readonly zone: TimeZone;
  /** The number of the period that holds an instant (epoch ms). */
  periodOf(timeMs: number): number;
  /** The instant (epoch ms) at which a period begins; it ends where the next one begins. */
  startOf(period: number): number;
}

/** 1970-01-05 was the first Monday, so day 4 begins week 1 and week 0 began at day -3. */
const MONDAY_SHIFT_DAYS = 3;
const NOMINAL_MONTH_DAYS = 30;

const fixedFrequency = (text: string, ms: number, zone: TimeZone): Frequency => ({
  text,
  kind: 'fixed',
  nominalMs: ms,
  zone,
  periodOf: (timeMs) => Math.floor(timeMs / ms),
  startOf: (period) => period * ms,
});

const daysFrequency = (text: string, days: number, zone: TimeZone): Frequency => {
  const weeks = days % 7 === 0;
  const shift = weeks ? MONDAY_SHIFT_DAYS : 0;
  return {
    text,
    kind: weeks ? 'weeks' : 'days',
    nominalMs: days * DAY_MS,
    zone,
    periodOf: (timeMs) =>
      Math.floor((Math.floor((timeMs + zone.offsetMs(timeMs)) / DAY_MS) + shift) / days),
    startOf: (period) => zone.instantOf((period * days - shift) * DAY_MS),
  };
};

const monthsFrequency = (text: string, months: number, zone: TimeZone): Frequency => ({
  text,
  kind: 'months',
  nominalMs: months * NOMINAL_MONTH_DAYS * DAY_MS,
  zone,
  periodOf: (timeMs) => {
    const local = new Date(timeMs + zone.offsetMs(timeMs));
    return Math.floor(((local.getUTCFullYear() - 1970) * 12 + local.getUTCMonth()) / months);
  },
  startOf: (period) => zone.instantOf(Date.UTC(1970, period * months, 1)),
});

/**
 * Reads a frequency: a part of a day that divides it (`5m`, `30m`, `1h`), or days, weeks or months.
 */
export const parseFrequency = (text: string, zoneName = 'UTC'): Frequency => {
  const duration = parseDuration(text);
  const zone = timeZone(zoneName);
  if (duration.kind === 'months') return monthsFrequency(text, duration.months, zone);
  const { ms } = duration;
  if (ms % DAY_MS === 0) return daysFrequency(text, ms / DAY_MS, zone);
  if (ms >= SECOND_MS && DAY_MS % ms === 0) return fixedFrequency(text, ms, zone);
  throw new DurationError(
    'FREQUENCY_UNEVEN',
    `"${text}" does not divide a day: use one that does (5m, 30m, 1h, 6h), or days, weeks, months`,
  );
};
