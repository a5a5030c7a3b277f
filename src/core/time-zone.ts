import { DAY_MS, HOUR_MS } from './duration.ts';
import { TidecastError } from './errors.ts';

/** A region's local clock. Local times are written as epoch ms of the same wall clock in UTC. */
export interface TimeZone {
  readonly name: string;
  /** True if the clock is never changed: local time is then pure arithmetic. */
  readonly isFixed: boolean;
  /** Local time minus UTC at an instant, in ms. */
  offsetMs(timeMs: number): number;
  /** The time around an instant during which the offset stays the same. */
  steadySpan(timeMs: number): SteadySpan;
  /**
   * The instant of a local time: the first one where clocks were set back and it came twice, the
   * end of the gap where they were set forward and it never came.
   */
  instantOf(localMs: number): number;
}

export class TimeZoneError extends TidecastError {
  override readonly name = 'TimeZoneError';
}

const YEAR_MS = 366 * DAY_MS;
/** No zone changes its clock twice within a week, so probing weekly finds every change. */
const PROBE_MS = 7 * DAY_MS;
/** Rules are asked about these years only; beyond them the nearest one's offset holds. */
const YEAR_INDEX_MIN = -200;
const YEAR_INDEX_MAX = 330;
/** Local time is at most this far from UTC. */
const OFFSET_MS_MAX = 16 * HOUR_MS;

/** From `fromMs` until `untilMs`, local time is UTC + `offsetMs`. */
export interface SteadySpan {
  readonly fromMs: number;
  readonly untilMs: number;
  readonly offsetMs: number;
}

type OffsetLookup = (timeMs: number) => number;

const intlOffset = (name: string): OffsetLookup => {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: name,
    hourCycle: 'h23',
    era: 'short',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  return (timeMs) => {
    const part: Record<string, number> = {};
    const seconds = Math.floor(timeMs / 1000) * 1000;
    for (const { type, value } of format.formatToParts(seconds)) part[type] = Number(value);
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = part;
    return Date.UTC(year, month - 1, day, hour, minute, second) - seconds;
  };
};

/** The first instant in (before, after] with the offset of `after`, to the second. */
const changeBetween = (lookup: OffsetLookup, before: number, after: number): number => {
  const offset = lookup(after);
  let low = before;
  let high = after;
  while (high - low > 1000) {
    const middle = Math.floor((low + high) / 2000) * 1000;
    if (lookup(middle) === offset) high = middle;
    else low = middle;
  }
  return high;
};

const spansOf = (lookup: OffsetLookup, yearIndex: number): SteadySpan[] => {
  const spans: SteadySpan[] = [];
  const endMs = (yearIndex + 1) * YEAR_MS;
  let fromMs = yearIndex * YEAR_MS;
  let offsetMs = lookup(fromMs);
  for (let probe = fromMs; probe < endMs; probe += PROBE_MS) {
    const next = Math.min(probe + PROBE_MS, endMs);
    if (lookup(next) === offsetMs) continue;
    const change = changeBetween(lookup, probe, next);
    spans.push({ fromMs, untilMs: change, offsetMs });
    fromMs = change;
    offsetMs = lookup(next);
  }
  if (fromMs < endMs) spans.push({ fromMs, untilMs: endMs, offsetMs });
  return spans;
};

type SpanLookup = (timeMs: number) => SteadySpan;

/**
 * Remembers each year's changes and the span that was hit last, so that Intl is asked once a year
 * and zone.
 */
const cachedSpans = (lookup: OffsetLookup): SpanLookup => {
  const years = new Map<number, readonly SteadySpan[]>();
  let last: SteadySpan = { fromMs: 0, untilMs: 0, offsetMs: 0 };
  const spanAt = (timeMs: number): SteadySpan => {
    const index = Math.floor(timeMs / YEAR_MS);
    const yearIndex = Math.min(Math.max(index, YEAR_INDEX_MIN), YEAR_INDEX_MAX);
    let spans = years.get(yearIndex);
    if (spans === undefined) {
      spans = spansOf(lookup, yearIndex);
      years.set(yearIndex, spans);
    }
    return spans.find(({ untilMs }) => timeMs < untilMs) ?? spans.at(-1) ?? last;
  };
  return (timeMs) => {
    if (timeMs < last.fromMs || timeMs >= last.untilMs) last = spanAt(timeMs);
    return last;
  };
};

/** How many neighbours of equal offset are joined: spans are cut where a year of the table ends. */
const JOINED_MAX = 3;

const joinedSpan = (spanAt: SpanLookup, timeMs: number): SteadySpan => {
  const { offsetMs, ...bounds } = spanAt(timeMs);
  let { fromMs, untilMs } = bounds;
  for (let joined = 0; joined < JOINED_MAX; joined += 1) {
    const before = spanAt(fromMs - 1);
    if (before.offsetMs === offsetMs) fromMs = Math.min(fromMs, before.fromMs);
    const after = spanAt(untilMs);
    if (after.offsetMs === offsetMs) untilMs = Math.max(untilMs, after.untilMs);
  }
  return { fromMs, untilMs, offsetMs };
};

const instantIn =
  (offsetAt: OffsetLookup) =>
  (localMs: number): number => {
    const before = offsetAt(localMs - OFFSET_MS_MAX);
    const after = offsetAt(localMs + OFFSET_MS_MAX);
    if (before === after) return localMs - before;
    const early = localMs - Math.max(before, after);
    const late = localMs - Math.min(before, after);
    if (early + offsetAt(early) === localMs) return early;
    if (late + offsetAt(late) === localMs) return late;
    return changeBetween(offsetAt, early - HOUR_MS, late);
  };

const fixedZone = (name: string, offsetMs: number): TimeZone => ({
  name,
  isFixed: true,
  offsetMs: () => offsetMs,
  steadySpan: () => ({ fromMs: -Infinity, untilMs: Infinity, offsetMs }),
  instantOf: (localMs) => localMs - offsetMs,
});

const open = (name: string): TimeZone => {
  let lookup: OffsetLookup;
  try {
    lookup = intlOffset(name);
  } catch (cause) {
    throw new TimeZoneError(
      'TIME_ZONE_UNKNOWN',
      `"${name}" is no time zone: use a name of the IANA database, such as UTC or Europe/Berlin`,
      { cause },
    );
  }
  if (/^(Etc\/)?(UTC|GMT|UCT|Zulu|Universal|Greenwich)$/i.test(name)) return fixedZone(name, 0);
  if (/^(Etc\/GMT)?[+-]\d/.test(name)) return fixedZone(name, lookup(0));
  const spanAt = cachedSpans(lookup);
  const offsetMs: OffsetLookup = (timeMs) => spanAt(timeMs).offsetMs;
  return {
    name,
    isFixed: false,
    offsetMs,
    steadySpan: (timeMs) => joinedSpan(spanAt, timeMs),
    instantOf: instantIn(offsetMs),
  };
};

const zones = new Map<string, TimeZone>();
/** Streams may name a zone per series; the database has some 600 names. */
const ZONES_MAX = 1_000;

/** The zone of an IANA name (`UTC`, `America/New_York`), opened once. */
export const timeZone = (name: string): TimeZone => {
  let zone = zones.get(name);
  if (zone === undefined) {
    zone = open(name);
    if (zones.size < ZONES_MAX) zones.set(name, zone);
  }
  return zone;
};

/** Whether there is a zone of that name, where one that nobody knows is no error. */
export const isTimeZone = (name: string): boolean => {
  try {
    timeZone(name);
    return true;
  } catch (error) {
    if (error instanceof TidecastError) return false;
    throw error;
  }
};

/** Whether the local time of an instant comes a second time, since clocks are set back then. */
export const comesTwice = (zone: TimeZone, timeMs: number): boolean => {
  const { untilMs, offsetMs } = zone.steadySpan(timeMs);
  return !zone.isFixed && timeMs >= untilMs - (offsetMs - zone.offsetMs(untilMs));
};
