// Hot file: slots are in range by construction, so typed-array reads are narrowed with `as number`.
import { assert } from '../core/assert.ts';

/** Float64 words that a window's header takes: length, head, revision. */
export const WINDOW_HEADER_WORDS = 3;

const LENGTH = 0;
const HEAD = 1;
const REVISION = 2;

/** The slot of a ring that holds a period; period numbers may be negative. */
export const slotOf = (period: number, capacity: number): number => {
  const slot = period % capacity;
  return slot < 0 ? slot + capacity : slot;
};

/**
 * The last values of a series, one a period, in memory that the caller owns and may copy, undo and
 * restore byte by byte: all state is in there, and zeros are an empty window. NaN is a missing
 * value; what lies outside the known span reads as NaN too. Changing a value writes the header and
 * the slots concerned, nothing else.
 */
export class SeriesWindow {
  readonly ring: Float64Array;
  readonly capacity: number;
  /** What readers keep about this window between two rows, one entry a reader. */
  readonly memories: { readonly reader: object; epoch: number }[] = [];
  private readonly header: Float64Array;
  private seenRevision: number;
  private currentEpoch = 1;

  constructor(header: Float64Array, ring: Float64Array) {
    assert(
      header.length >= WINDOW_HEADER_WORDS && ring.length > 0,
      `a window of ${header.length} + ${ring.length} words is too small`,
    );
    this.header = header;
    this.ring = ring;
    this.capacity = ring.length;
    this.seenRevision = header[REVISION] as number;
  }

  get isEmpty(): boolean {
    return this.header[LENGTH] === 0;
  }

  /** Number of the latest known period; meaningless while empty. */
  get head(): number {
    return this.header[HEAD] as number;
  }

  /** Number of the earliest known period; meaningless while empty. */
  get first(): number {
    return (this.header[HEAD] as number) - (this.header[LENGTH] as number) + 1;
  }

  get length(): number {
    return this.header[LENGTH] as number;
  }

  /**
   * Changes whenever a value behind the head may have, through this object or below it (an undo, a
   * restore): whoever remembers something of the window remembers this number with it.
   */
  get epoch(): number {
    this.notice();
    return this.currentEpoch;
  }

  at(period: number): number {
    if (!this.knows(period)) return Number.NaN;
    return this.ring[slotOf(period, this.capacity)] as number;
  }

  /** Puts the value of a later period at the head; skipped periods get `fill`. */
  append(period: number, value: number, fill = Number.NaN): void {
    const { header, ring, capacity } = this;
    this.notice();
    const ahead = this.isEmpty ? capacity : period - this.head;
    assert(ahead > 0, `period ${period} is not after the head ${this.head}`);
    if (ahead >= capacity) {
      header[LENGTH] = 1;
      this.currentEpoch += 1;
    } else {
      for (let skipped = this.head + 1; skipped < period; skipped += 1) {
        ring[slotOf(skipped, capacity)] = fill;
      }
      header[LENGTH] = Math.min((header[LENGTH] as number) + ahead, capacity);
    }
    header[HEAD] = period;
    ring[slotOf(period, capacity)] = value;
    this.mark();
  }

  /** Corrects a known period; false when the period is outside of the known span. */
  rewrite(period: number, value: number): boolean {
    if (!this.knows(period)) return false;
    this.notice();
    this.ring[slotOf(period, this.capacity)] = value;
    this.currentEpoch += 1;
    this.mark();
    return true;
  }

  private knows(period: number): boolean {
    return !this.isEmpty && period <= this.head && period >= this.first;
  }

  /**
   * The revision counts changes; when it is not the one this object left, the bytes were replaced.
   */
  private notice(): void {
    const revision = this.header[REVISION] as number;
    if (revision === this.seenRevision) return;
    this.seenRevision = revision;
    this.currentEpoch += 1;
  }

  private mark(): void {
    this.seenRevision += 1;
    this.header[REVISION] = this.seenRevision;
  }
}

/** A window over memory of its own, for tests, backtests and training. */
export const ownedWindow = (capacity: number): SeriesWindow =>
  new SeriesWindow(new Float64Array(WINDOW_HEADER_WORDS), new Float64Array(capacity));
