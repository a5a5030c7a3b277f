// Hot file: indices are in range by construction, so typed-array reads are narrowed with `as
// number`.
/* eslint max-params: ["error", 4] -- an options object a block would be garbage on the hot path */
import type { Row } from './row.ts';
import { slotOf } from './series-window.ts';

/** A series that follows from the window's values: themselves, their deviations, their changes. */
export interface TrackSource {
  /** Fills `out` with the values of the periods from..to, NaN where there is none. */
  copy(row: Row, from: number, to: number, out: Float64Array): void;
}

export interface TrackOptions {
  /** Periods before the origin that any window reaches back to, plus one. */
  readonly span: number;
  /** Values cost more to compute than to keep. */
  readonly keepsValues: boolean;
}

const BLOCK = 32;
/** count, sum, sum of squared distances from the mean, least, greatest. */
const WORDS = 5;

const scratch = new Float64Array(BLOCK);

/** Count, sum, squared distances, least and greatest of some values; added up by Chan's formula. */
export class Moments {
  count = 0;
  sum = 0;
  squares = 0;
  least = Number.NaN;
  greatest = Number.NaN;

  clear(): void {
    this.count = 0;
    this.sum = 0;
    this.squares = 0;
    this.least = Number.NaN;
    this.greatest = Number.NaN;
  }

  /** The first `size` values of `values`; two passes, so that a large mean costs no digits. */
  measure(values: Float64Array, size: number): void {
    this.clear();
    let count = 0;
    let sum = 0;
    let least = Infinity;
    let greatest = -Infinity;
    for (let index = 0; index < size; index += 1) {
      const value = values[index] as number;
      if (Number.isNaN(value)) continue;
      count += 1;
      sum += value;
      if (value < least) least = value;
      if (value > greatest) greatest = value;
    }
    if (count === 0) return;
    const mean = sum / count;
    let squares = 0;
    for (let index = 0; index < size; index += 1) {
      const distance = (values[index] as number) - mean;
      if (!Number.isNaN(distance)) squares += distance * distance;
    }
    this.count = count;
    this.sum = sum;
    this.squares = squares;
    this.least = least;
    this.greatest = greatest;
  }

  load(words: Float64Array, at: number): void {
    this.count = words[at] as number;
    this.sum = words[at + 1] as number;
    this.squares = words[at + 2] as number;
    this.least = words[at + 3] as number;
    this.greatest = words[at + 4] as number;
  }

  store(words: Float64Array, at: number): void {
    words[at] = this.count;
    words[at + 1] = this.sum;
    words[at + 2] = this.squares;
    words[at + 3] = this.least;
    words[at + 4] = this.greatest;
  }

  /** @see Chan, Golub, LeVeque: Updating Formulae and a Pairwise Algorithm (1979) */
  add(other: Moments): void {
    const { count } = other;
    if (count === 0) return;
    if (this.count === 0) {
      this.least = other.least;
      this.greatest = other.greatest;
      this.squares = other.squares;
    } else {
      const apart = other.sum / count - this.sum / this.count;
      this.squares += other.squares + (apart * apart * count * this.count) / (count + this.count);
      if (other.least < this.least) this.least = other.least;
      if (other.greatest > this.greatest) this.greatest = other.greatest;
    }
    this.count += count;
    this.sum += other.sum;
  }
}

const part = new Moments();

/**
 * Means and moments over windows of a track, from blocks of 32 periods that are measured once they
 * are complete. Blocks are aligned to period numbers, so a result is a pure function of the values
 * in its window, to the last bit, whatever was computed before; its cost grows by a thirty-second
 * of the window.
 */
export class Track {
  /** Words that it keeps for each series. */
  readonly words: number;
  private readonly source: TrackSource;
  private readonly valueCount: number;
  private readonly blockCount: number;
  private readonly span: number;

  constructor(source: TrackSource, { span, keepsValues }: TrackOptions) {
    this.source = source;
    this.span = span;
    this.valueCount = keepsValues ? span + BLOCK : 0;
    this.blockCount = Math.ceil(span / BLOCK) + 1;
    this.words = this.valueCount + this.blockCount * WORDS;
  }

  /** Brings what is kept at `at` from the origin before up to the row's. */
  advance(row: Row, words: Float64Array, at: number): void {
    const { origin } = row;
    if (this.valueCount > 0) this.keepValues(row, words, { at, from: origin });
    const next = origin + 1;
    if (slotOf(next, BLOCK) === 0) this.keepBlock(row, words, { at, block: next / BLOCK - 1 });
  }

  /** Computes all that is kept at `at` from the row's window. */
  rebuild(row: Row, words: Float64Array, at: number): void {
    const { origin, first } = row;
    const from = Math.max(origin - this.span + 1, Math.min(first, origin));
    if (this.valueCount > 0) this.keepValues(row, words, { at, from });
    const start = Math.floor(from / BLOCK);
    const end = Math.floor((origin + 1) / BLOCK);
    for (let block = Math.max(start, end - this.blockCount); block < end; block += 1) {
      this.keepBlock(row, words, { at, block });
    }
  }

  /** Value of one period, which must be kept. */
  valueAt(words: Float64Array, at: number, period: number): number {
    return words[at + slotOf(period, this.valueCount)] as number;
  }

  /** Moments of the known values of the periods from..to, both within the span. */
  measure(row: Row, words: Float64Array, { at, from, to, into }: MeasureOptions): void {
    into.clear();
    const start = Math.max(from, row.first);
    const firstBlock = Math.ceil(start / BLOCK);
    const endBlock = Math.floor((to + 1) / BLOCK);
    if (firstBlock >= endBlock) {
      const middle = Math.min(Math.max(firstBlock * BLOCK - 1, start - 1), to);
      this.addValues(row, words, { at, from: start, to: middle, into });
      this.addValues(row, words, { at, from: middle + 1, to, into });
      return;
    }
    this.addValues(row, words, { at, from: start, to: firstBlock * BLOCK - 1, into });
    for (let block = firstBlock; block < endBlock; block += 1) {
      part.load(words, this.blockAt(at, block));
      into.add(part);
    }
    this.addValues(row, words, { at, from: endBlock * BLOCK, to, into });
  }

  private addValues(row: Row, words: Float64Array, { at, from, to, into }: MeasureOptions): void {
    if (from > to) return;
    if (this.valueCount === 0) this.source.copy(row, from, to, scratch);
    else {
      for (let period = from; period <= to; period += 1) {
        scratch[period - from] = this.valueAt(words, at, period);
      }
    }
    part.measure(scratch, to - from + 1);
    into.add(part);
  }

  private blockAt(at: number, block: number): number {
    return at + this.valueCount + slotOf(block, this.blockCount) * WORDS;
  }

  private keepValues(
    row: Row,
    words: Float64Array,
    { at, from }: { readonly at: number; readonly from: number },
  ): void {
    for (let start = from; start <= row.origin; start += BLOCK) {
      const end = Math.min(start + BLOCK - 1, row.origin);
      this.source.copy(row, start, end, scratch);
      for (let period = start; period <= end; period += 1) {
        words[at + slotOf(period, this.valueCount)] = scratch[period - start] as number;
      }
    }
  }

  private keepBlock(
    row: Row,
    words: Float64Array,
    { at, block }: { readonly at: number; readonly block: number },
  ): void {
    this.source.copy(row, block * BLOCK, block * BLOCK + BLOCK - 1, scratch);
    part.measure(scratch, BLOCK);
    part.store(words, this.blockAt(at, block));
  }
}

export interface MeasureOptions {
  readonly at: number;
  readonly from: number;
  readonly to: number;
  readonly into: Moments;
}
