import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from './duration.ts';
import type { TimeZone } from './time-zone.ts';

const ZERO = 48;
const DASH = 45;
const PLUS = 43;
const COLON = 58;
const POINT = 46;
const COMMA = 44;
const SPACE = 32;
const UPPER_T = 84;
const LOWER_T = 116;
const UPPER_Z = 90;
const LOWER_Z = 122;

const DAYS_OF_MONTH = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
/** From 0000-03-01, where the leap day ends a year, to 1970-01-01. */
const DAYS_TO_1970 = 719_468;

const isLeap = (year: number): boolean => year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);

/**
 * Days from 1970-01-01 of a civil date; NaN when there is no such date.
 * @see https://howardhinnant.github.io/date_algorithms.html#days_from_civil
 */
const dayNumber = (year: number, month: number, day: number): number => {
  const leapDay = month === 2 && isLeap(year) ? 1 : 0;
  if (!(day >= 1 && day <= (DAYS_OF_MONTH[month - 1] ?? 0) + leapDay)) return NaN;
  const fromMarch = month > 2 ? month - 3 : month + 9;
  const marchYear = month > 2 ? year : year - 1;
  const leapDays =
    Math.floor(marchYear / 4) - Math.floor(marchYear / 100) + Math.floor(marchYear / 400);
  const before = Math.floor((153 * fromMarch + 2) / 5);
  return marchYear * 365 + leapDays + before + day - 1 - DAYS_TO_1970;
};

/** Two digits at a place; NaN when they are none. */
const twoDigits = (text: string, at: number): number => {
  const tens = text.charCodeAt(at) - ZERO;
  const ones = text.charCodeAt(at + 1) - ZERO;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : NaN;
};

/** What follows the minutes: seconds and their fraction, and where the zone begins. */
interface Seconds {
  ms: number;
  end: number;
}

/** Reused, since this runs once an event. */
const seconds: Seconds = { ms: 0, end: 0 };

/** Down to the millisecond: a rounded `.999999999` would lie on the next day. */
const readFraction = (text: string, from: number): number => {
  let unit = 100;
  let ms = 0;
  let at = from;
  for (; ; at += 1) {
    const digit = text.charCodeAt(at) - ZERO;
    if (!(digit >= 0 && digit <= 9)) break;
    ms += digit * unit;
    unit = Math.trunc(unit / 10);
  }
  seconds.end = at;
  return at === from ? NaN : ms;
};

const readSeconds = (text: string, from: number): void => {
  seconds.ms = 0;
  seconds.end = from;
  if (text.charCodeAt(from) !== COLON) return;
  const whole = twoDigits(text, from + 1);
  seconds.ms = whole < 60 ? whole * SECOND_MS : NaN;
  seconds.end = from + 3;
  const mark = text.charCodeAt(seconds.end);
  if (mark === POINT || mark === COMMA) seconds.ms += readFraction(text, seconds.end + 1);
};

/** Offset of `+01`, `+0100` or `+01:00` in ms; NaN when the text goes on or is none of these. */
const readOffset = (text: string, at: number, sign: 1 | -1): number => {
  const hours = twoDigits(text, at + 1);
  const rest = text.length - at;
  if (rest === 3) return hours < 24 ? sign * hours * HOUR_MS : NaN;
  const colon = text.charCodeAt(at + 3) === COLON ? 1 : 0;
  const minutes = twoDigits(text, at + 3 + colon);
  if (rest !== 5 + colon || !(hours < 24 && minutes < 60)) return NaN;
  return sign * (hours * HOUR_MS + minutes * MINUTE_MS);
};

const withZone = (text: string, localMs: number, zone: TimeZone | undefined): number => {
  const { end } = seconds;
  const mark = text.charCodeAt(end);
  if (mark === UPPER_Z || mark === LOWER_Z) return end + 1 === text.length ? localMs : NaN;
  if (mark === PLUS) return localMs - readOffset(text, end, 1);
  if (mark === DASH) return localMs - readOffset(text, end, -1);
  if (end !== text.length || zone === undefined || Number.isNaN(localMs)) return NaN;
  return zone.instantOf(localMs);
};

/**
 * Reads an ISO 8601 stamp (`2001-01-01T00:01:00Z`, `2001-01-01 00:01+01:00`, `2001-01-01`) as epoch
 * ms, down to the millisecond. A stamp without a zone is local time of `zone`. NaN when the
 * text is anything else or names a day that never was. `Date.parse` would be slower, read a stamp
 * without a zone in the machine's own, and take texts that are no stamps at all.
 */
export const parseInstant = (text: string, zone?: TimeZone): number => {
  const year = twoDigits(text, 0) * 100 + twoDigits(text, 2);
  if (text.charCodeAt(4) !== DASH || text.charCodeAt(7) !== DASH) return NaN;
  const day = dayNumber(year, twoDigits(text, 5), twoDigits(text, 8)) * DAY_MS;
  seconds.end = 10;
  if (text.length === 10) return withZone(text, day, zone);
  const mark = text.charCodeAt(10);
  if (mark !== UPPER_T && mark !== SPACE && mark !== LOWER_T) return NaN;
  const hours = twoDigits(text, 11);
  const minutes = twoDigits(text, 14);
  if (text.charCodeAt(13) !== COLON || !(hours < 24 && minutes < 60)) return NaN;
  readSeconds(text, 16);
  return withZone(text, day + hours * HOUR_MS + minutes * MINUTE_MS + seconds.ms, zone);
};
