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

const parsed = (value: unknown, zone: TimeZone): number => {
  if (typeof value === 'string') {
    const timeMs = parseInstant(value, zone);
    if (!Number.isNaN(timeMs)) return timeMs;
  }
  // Files keep `978307260000.0` as text.
  const number = typeof value === 'string' ? numeralOf(value) : value;
  return typeof number === 'number' && Number.isSafeInteger(number) ? number : NaN;
};

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
  if (value === undefined || value === null || value === '') {
    return refusal('TIME_MISSING', 'the event has no time');
  }
  if (Number.isNaN(timeMs)) {
    return refusal(
      'TIME_INVALID',
      `${excerpt(value)} is neither ISO 8601 nor a whole number of epoch milliseconds`,
    );
  }
  if (timeMs < EVENT_TIME_MS_MIN) {
    const detail = `${inWords(timeMs)} is before 1971: seconds, not milliseconds?`;
    return refusal('TIME_OUT_OF_RANGE', detail);
  }
  const hint = timeMs < FINER_MIN ? '' : ': microseconds, not milliseconds?';
  const detail = `${inWords(timeMs)} is after ${inWords(appendedAtMs)} + maxAhead${hint}`;
  return refusal('TIME_AHEAD', detail);
};
