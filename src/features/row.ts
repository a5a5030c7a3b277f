// Hot file: slots are in range by construction, so typed-array reads are narrowed with `as number`.
import { slotOf, type SeriesWindow } from './series-window.ts';

/** What a row is computed from: a window up to an origin. Nothing later can be read through it. */
export class Row {
  ring: Float64Array = new Float64Array(1);
  /** Where the ring begins in its words. */
  ringAt = 0;
  capacity = 1;
  first = 0;
  origin = -1;
  /** Index of the origin's slot in the words of the ring. */
  slot = 0;
  /** Periods from the first known one to the origin. */
  known = 0;
  /** True if no clock change is near: every local day has the same number of periods. */
  isPlain = true;

  open(window: SeriesWindow, origin: number): void {
    const { words, from, layout } = window;
    const { capacity } = layout;
    const ringAt = from + layout.ringAt;
    this.ring = words;
    this.ringAt = ringAt;
    this.capacity = capacity;
    this.first = window.isEmpty ? Infinity : window.first;
    this.origin = origin;
    this.slot = ringAt + slotOf(origin, capacity);
    this.known = origin - this.first;
  }

  /**
   * The value of a period at or before the origin, less than `capacity` before it; NaN if unknown.
   */
  at(period: number): number {
    if (period < this.first || period > this.origin) return Number.NaN;
    return this.ring[this.indexOf(period)] as number;
  }

  /** Whether the values of the periods from..to are known, and lie side by side in the ring. */
  isRun(from: number, to: number): boolean {
    return from >= this.first && this.indexOf(from) <= this.indexOf(to);
  }

  /** Where the value of a known period is in `ring`. */
  indexOf(period: number): number {
    const slot = this.slot - (this.origin - period);
    return slot < this.ringAt ? slot + this.capacity : slot;
  }

  /** Copies the values of the periods from..to. */
  copy(from: number, to: number, out: Float64Array): void {
    const { ring, ringAt, capacity } = this;
    const end = ringAt + capacity;
    let at = 0;
    for (let period = from; period < this.first && period <= to; period += 1) {
      out[at] = Number.NaN;
      at += 1;
    }
    let slot = this.slot - (this.origin - from - at);
    if (slot < ringAt) slot += capacity;
    for (const count = to - from + 1; at < count; at += 1) {
      out[at] = ring[slot] as number;
      slot += 1;
      if (slot === end) slot = ringAt;
    }
  }
}
