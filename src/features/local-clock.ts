// Hot file: indices are in range by construction, so typed-array reads are narrowed with `as
// number`.
import { DAY_MS, MINUTE_MS } from '../core/duration.ts';
import type { Frequency } from '../core/frequency.ts';
import type { SteadySpan } from '../core/time-zone.ts';

const CHUNK = 1_024;
/**
 * Local time repeats or skips at most this much at once, but for a few historic changes of date.
 */
const CHANGE_MS_MAX = 3 * 3_600_000;
/** Tables for this many slots are kept before they are made anew: decades of hours. */
const CHUNKS_MAX = 1_024;
const MONDAY_SHIFT_DAYS = 3;
const MINUTES_AN_HOUR = 60;

/** Where the periods of a frequency lie on the local clock. */
export class LocalClock {
  readonly frequency: Frequency;
  /** Slots of a day; 0 where periods are days or longer, and lags are plain index arithmetic. */
  readonly slotsPerDay: number;
  /** True if a whole day is always `slotsPerDay` periods. */
  readonly isUniform: boolean;
  /** How far, in periods, a whole-day lag can be off the plain index. */
  readonly slack: number;
  private readonly ms: number;
  private steady: SteadySpan = { fromMs: 0, untilMs: 0, offsetMs: 0 };
  private readonly chunks = new Map<number, Int32Array>();
  private chunkIndex = Number.NaN;
  private chunk: Int32Array = new Int32Array();

  constructor(frequency: Frequency) {
    const isSubDaily = frequency.kind === 'fixed';
    this.frequency = frequency;
    this.ms = frequency.nominalMs;
    this.slotsPerDay = isSubDaily ? DAY_MS / this.ms : 0;
    this.isUniform = !isSubDaily || frequency.zone.isFixed;
    this.slack = this.isUniform ? 0 : Math.ceil(CHANGE_MS_MAX / this.ms);
  }

  /** The period `lag` before another one; a whole number of days goes by the local clock. */
  before(period: number, lag: number): number {
    if (this.isUniform || lag % this.slotsPerDay !== 0) return period - lag;
    return this.periodOfSlot(this.slotOf(period) - lag);
  }

  /**
   * True if the clock is not changed between two periods, so that plain indices are local slots.
   */
  isSteady(from: number, to: number): boolean {
    if (this.isUniform) return true;
    const fromMs = from * this.ms;
    if (fromMs < this.steady.fromMs || fromMs >= this.steady.untilMs) {
      this.steady = this.frequency.zone.steadySpan(fromMs);
    }
    return to * this.ms < this.steady.untilMs;
  }

  /** Local day of a period's start, counted from 1970-01-01. */
  dayOf(period: number): number {
    const start = this.frequency.startOf(period);
    return Math.floor((start + this.frequency.zone.offsetMs(start)) / DAY_MS);
  }

  /** Local hour of a period's start, 0..23, with the minutes left out. */
  hourOf(period: number): number {
    return Math.floor(this.minuteOf(period) / MINUTES_AN_HOUR);
  }

  /** Minutes from local midnight to a period's start, by the clock: 0..1439. */
  minuteOf(period: number): number {
    const start = this.frequency.startOf(period);
    const local = start + this.frequency.zone.offsetMs(start);
    return Math.floor((local - Math.floor(local / DAY_MS) * DAY_MS) / MINUTE_MS);
  }

  /** Number of a period's slot on the local clock, where every day has `slotsPerDay` of them. */
  private slotOf(period: number): number {
    const start = period * this.ms;
    return Math.floor((start + this.frequency.zone.offsetMs(start)) / this.ms);
  }

  /** The first period of a slot that came twice, the next one for a slot that never came. */
  private periodOfSlot(slot: number): number {
    const index = Math.floor(slot / CHUNK);
    if (index !== this.chunkIndex) {
      this.chunk = this.chunkOf(index);
      this.chunkIndex = index;
    }
    return this.chunk[slot - index * CHUNK] as number;
  }

  private chunkOf(index: number): Int32Array {
    const known = this.chunks.get(index);
    if (known !== undefined) return known;
    const { ms } = this;
    const { zone } = this.frequency;
    const chunk = Int32Array.from({ length: CHUNK }, (_, at) => {
      const local = (index * CHUNK + at) * ms;
      // Where the offset is no whole number of periods, slots begin within local ones.
      const within = (((zone.offsetMs(local) % ms) + ms) % ms) + local;
      return Math.floor(zone.instantOf(within) / ms);
    });
    if (this.chunks.size >= CHUNKS_MAX) this.chunks.clear();
    this.chunks.set(index, chunk);
    return chunk;
  }
}

/** Day of the week of a day since 1970-01-01: Monday is 0, as in pandas. */
export const dayOfWeek = (day: number): number => (((day + MONDAY_SHIFT_DAYS) % 7) + 7) % 7;

/** Month of a day since 1970-01-01, 1..12. */
export const monthOf = (day: number): number => new Date(day * DAY_MS).getUTCMonth() + 1;

/** Day of the year of a day since 1970-01-01: the first of January is 1. */
export const dayOfYear = (day: number): number =>
  day - Math.floor(Date.UTC(new Date(day * DAY_MS).getUTCFullYear(), 0, 1) / DAY_MS) + 1;
