import { DAY_MS } from '../core/duration.ts';
import { parseInstant } from '../core/instant.ts';
import type { TimeZone } from '../core/time-zone.ts';
import { numeralOf } from './files/row.ts';
import { excerpt, refusal, type Refusal } from './mapping-reason.ts';

/** 1971: whatever claims to be earlier is epoch seconds or a default, never an event. */
const EVENT_TIME_MS_MIN = 365 * DAY_MS;

/** Year 5138: whatever claims to be later counts finer than in milliseconds. */
const FINER_MIN = 1e14;

const inWords = (timeMs: number): string =>
  Math.abs(timeMs) <= 8.64e15 ? new Date(timeMs).toISOString() : String(timeMs);

/** Files keep `978307260000.0` as text. */
const numberIn = (value: unknown): unknown =>
  typeof value === 'string' ? numeralOf(value) : value;

const parsed = (value: unknown, zone: TimeZone): number => {
  if (typeof value === 'string') {
    const timeMs = parseInstant(value, zone);
    if (!Number.isNaN(timeMs)) return timeMs;
  }
  const number = numberIn(value);
  return typeof number === 'number' && Number.isSafeInteger(number) ? number : NaN;
};

const noTime = (value: unknown): Refusal =>
  value === undefined || value === null || value === ''
    ? refusal('TIME_MISSING', 'the event has no time')
    : refusal(
        'TIME_INVALID',
        `${excerpt(value)} is neither ISO 8601 nor a whole number of epoch milliseconds`,
      );

export interface EventTimeBounds {
  /** Where stamps without a zone are read. */
  readonly zone: TimeZone;
  readonly maxAheadMs: number;
}

/** Reads an event time (ISO 8601, or epoch ms), which must be plausible at its append time. */
export const readEventTime = (
  value: unknown,
  { zone, maxAheadMs }: EventTimeBounds,
  appendedAtMs: number,
): number | Refusal => {
  const timeMs = parsed(value, zone);
  if (timeMs >= EVENT_TIME_MS_MIN && timeMs <= appendedAtMs + maxAheadMs) return timeMs;
  if (Number.isNaN(timeMs)) return noTime(value);
  if (timeMs < EVENT_TIME_MS_MIN) {
    const detail = `${inWords(timeMs)} is before 1971: seconds, not milliseconds?`;
    return refusal('TIME_OUT_OF_RANGE', detail);
  }
  const hint = timeMs < FINER_MIN ? '' : ': microseconds, not milliseconds?';
  const detail = `${inWords(timeMs)} is after ${inWords(appendedAtMs)} + maxAhead${hint}`;
  return refusal('TIME_AHEAD', detail);
};

/**
 * Reads a time of a history, which may be of any year where a stamp says so. A number must be
 * plausible as epoch ms, since it says of itself neither what it counts nor from when.
 */
export const readPastTime = (value: unknown, zone: TimeZone): number | Refusal => {
  const timeMs = parsed(value, zone);
  if (Number.isNaN(timeMs)) return noTime(value);
  const size = Math.abs(timeMs);
  if (numberIn(value) !== timeMs || (size >= EVENT_TIME_MS_MIN && size < FINER_MIN)) return timeMs;
  const unit = size < FINER_MIN ? 'not seconds, or a date as ISO 8601' : 'not microseconds';
  return refusal(
    'TIME_OUT_OF_RANGE',
    `${excerpt(value)} as epoch milliseconds is ${inWords(timeMs)}: write milliseconds, ${unit}`,
  );
};
