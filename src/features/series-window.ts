// Hot file: slots are in range by construction, so typed-array reads are narrowed with `as number`.
import { assert } from '../core/assert.ts';
import { ownPlaces, type WordPlace, type WordPlaces } from './word-places.ts';

/** Float64 words that a window's header takes: length, head, revision. */
export const WINDOW_HEADER_WORDS = 3;

const LENGTH = 0;
const HEAD = 1;
const REVISION = 2;

/** Two live feature schemas, and one that is being compared. */
const READERS_MAX = 4;

/** The slot of a ring that holds a period; period numbers may be negative. */
export const slotOf = (period: number, capacity: number): number => {
  // The remainder of doubles is a call, that of integers is not.
  const whole = period | 0;
  const slot = whole === period ? whole % capacity : period % capacity;
  return slot < 0 ? slot + capacity : slot;
};

/** Where windows of one kind lie in the words that each is given; one object for all. */
export interface WindowLayout {
  /** Words before the header, and before the ring. */
  readonly headerAt: number;
  readonly ringAt: number;
  readonly capacity: number;
  /** Memory for what readers keep. */
  readonly places: WordPlaces;
}

/** What one reader keeps about a window between two rows: words from `at` on, zeroed at first. */
export interface WindowMemory {
  readonly reader: object;
  readonly words: Float64Array;
  readonly at: number;
  readonly next: WindowMemory | undefined;
}

/**
 * The last values of a series, one a period, in memory that the caller owns and may copy, undo and
 * restore byte by byte: all state is in there, and zeros are an empty window. NaN is a missing
 * value; what lies outside the known span reads as NaN too. Changing a value writes the header and
 * the slots concerned, nothing else.
 */
export class SeriesWindow {
  readonly words: Float64Array;
  /** First word of the memory that it was made over. */
  readonly from: number;
  readonly layout: WindowLayout;
  /** The one made last first. */
  private memory: WindowMemory | undefined = undefined;
  /** As an int32, which is kept in place where a double would be one more object. */
  private seenRevision: number;
  private currentEpoch = 1;

  constructor({ words, at }: WordPlace, layout: WindowLayout) {
    const { headerAt, ringAt, capacity } = layout;
    const end = at + Math.max(headerAt + WINDOW_HEADER_WORDS, ringAt + capacity);
    assert(capacity > 0 && words.length >= end, `a window needs ${end} words`);
    this.words = words;
    this.from = at;
    this.layout = layout;
    this.seenRevision = (words[at + headerAt + REVISION] as number) | 0;
  }

  get capacity(): number {
    return this.layout.capacity;
  }

  get isEmpty(): boolean {
    return this.length === 0;
  }

  /** Number of the latest known period; meaningless while empty. */
  get head(): number {
    return this.words[this.headerAt + HEAD] as number;
  }

  /** Number of the earliest known period; meaningless while empty. */
  get first(): number {
    return this.head - this.length + 1;
  }

  get length(): number {
    return this.words[this.headerAt + LENGTH] as number;
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
    return this.words[this.slotOf(period)] as number;
  }

  /** Puts the value of a later period at the head; skipped periods get `fill`. */
  append(period: number, value: number, fill = Number.NaN): void {
    const { words, headerAt, capacity } = this;
    this.notice();
    const ahead = this.isEmpty ? capacity : period - this.head;
    assert(ahead > 0, `period ${period} is not after the head ${this.head}`);
    if (ahead >= capacity) {
      words[headerAt + LENGTH] = 1;
      this.currentEpoch += 1;
    } else {
      for (let skipped = this.head + 1; skipped < period; skipped += 1) {
        words[this.slotOf(skipped)] = fill;
      }
      words[headerAt + LENGTH] = Math.min(this.length + ahead, capacity);
    }
    words[headerAt + HEAD] = period;
    words[this.slotOf(period)] = value;
    this.mark();
  }

  /** Corrects a known period; false when the period is outside of the known span. */
  rewrite(period: number, value: number): boolean {
    if (!this.knows(period)) return false;
    this.notice();
    this.words[this.slotOf(period)] = value;
    this.currentEpoch += 1;
    this.mark();
    return true;
  }

  /** What a reader keeps about this window, in so many words. */
  memoryOf(reader: object, size: number): WindowMemory {
    let memory = this.memory;
    while (memory !== undefined && memory.reader !== reader) memory = memory.next;
    return memory ?? this.remember(reader, size);
  }

  private remember(reader: object, size: number): WindowMemory {
    const others: WindowMemory[] = [];
    for (let other = this.memory; other !== undefined; other = other.next) others.push(other);
    const isFull = others.length >= READERS_MAX;
    // The oldest one gives way. Places are never given back, so there are no more than readers.
    const kept = isFull ? others.slice(0, -1) : others;
    const { words, at } = (isFull ? ownPlaces : this.layout.places).take(size);
    const next = kept.reduceRight<WindowMemory | undefined>(
      (rest, other) => ({ ...other, next: rest }),
      undefined,
    );
    this.memory = { reader, words, at, next };
    return this.memory;
  }

  private get headerAt(): number {
    return this.from + this.layout.headerAt;
  }

  private slotOf(period: number): number {
    const { ringAt, capacity } = this.layout;
    return this.from + ringAt + slotOf(period, capacity);
  }

  private knows(period: number): boolean {
    return !this.isEmpty && period <= this.head && period >= this.first;
  }

  /**
   * The revision counts changes; when it is not the one this object left, the bytes were replaced.
   */
  private notice(): void {
    const revision = (this.words[this.headerAt + REVISION] as number) | 0;
    if (revision === this.seenRevision) return;
    this.seenRevision = revision;
    this.currentEpoch += 1;
  }

  private mark(): void {
    const at = this.headerAt + REVISION;
    const revision = (this.words[at] as number) + 1;
    this.words[at] = revision;
    this.seenRevision = revision | 0;
  }
}

/** A window over memory of its own, for tests, backtests and training. */
export const ownedWindow = (capacity: number): SeriesWindow =>
  new SeriesWindow(ownPlaces.take(WINDOW_HEADER_WORDS + capacity), {
    headerAt: 0,
    ringAt: WINDOW_HEADER_WORDS,
    capacity,
    places: ownPlaces,
  });
