// Hot file: indices are in range by construction, so typed-array reads are narrowed with `as
// number`.
/* eslint max-params: ["error", 4] -- an object a block would be garbage */
import { Row } from './row.ts';
import { FULL, Moments, MOMENT_WORDS, type Detail } from './moments.ts';
import { slotOf } from './series-window.ts';

/** A series that follows from the window's values: themselves, their deviations, their changes. */
export interface TrackSource {
  /** Its values are those of the window's ring, which can be measured where they are. */
  readonly isRing: boolean;
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
/** Blocks that are added up to one group, so that long windows read few numbers. */
const GROUP = 16;

const scratch = new Float64Array(BLOCK);
const part = new Moments();

/**
 * Means and moments over windows of a track, from blocks of 32 periods that are measured once they
 * are complete, and of groups of sixteen of these. Both are aligned to period numbers, so a result
 * is a pure function of the values in its window, to the last bit, whatever was computed before;
 * its cost grows by a thirty-second of the window.
 */
export class Track {
  /** Words that it keeps for each series. */
  readonly words: number;
  private readonly source: TrackSource;
  private readonly valueCount: number;
  private readonly blockCount: number;
  private readonly groupCount: number;
  private readonly span: number;
  // Where a sweep is; the fields spare the hot path an object a window.
  private readonly running = new Moments();
  private row = new Row();
  private kept: Float64Array = scratch;
  private at = 0;
  private to = 0;
  private block = 0;
  private tailIsOpen = true;

  constructor(source: TrackSource, { span, keepsValues }: TrackOptions) {
    this.source = source;
    this.span = span;
    this.valueCount = keepsValues ? span + BLOCK : 0;
    this.blockCount = Math.ceil(span / BLOCK) + 1;
    this.groupCount = Math.ceil(this.blockCount / GROUP) + 1;
    this.words = this.valueCount + (this.blockCount + this.groupCount) * MOMENT_WORDS;
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

  /** Begins a sweep backwards from period `to`, over what is kept at `at`. */
  begin(row: Row, words: Float64Array, at: number, to: number): void {
    this.row = row;
    this.kept = words;
    this.at = at;
    this.to = to;
    this.block = Math.floor((to + 1) / BLOCK);
    this.tailIsOpen = true;
  }

  /**
   * Moments of the known values of the periods from `from` on to where the sweep began. Windows
   * come from short to long, and each takes over what the one before has added up; `swept` is the
   * detail that the longest of the rest needs.
   */
  sweep(from: number, into: Moments, swept: Detail): void {
    const { running, row } = this;
    const start = Math.max(from, row.first);
    const tail = this.block * BLOCK;
    into.clear();
    if (this.tailIsOpen) {
      if (start >= tail) {
        if (start <= this.to) this.measure(start, this.to, into, swept);
        return;
      }
      running.clear();
      if (tail <= this.to) this.measure(tail, this.to, running, swept);
      this.tailIsOpen = false;
    }
    const first = Math.ceil(start / BLOCK);
    if (this.block > first) this.addBlocks(first, swept);
    into.copy(running);
    if (start >= first * BLOCK || start > this.to) return;
    this.measure(start, Math.min(first * BLOCK - 1, this.to), part, swept);
    into.add(part, swept);
  }

  /** Goes on backwards to the block `first`, by groups where they are whole. */
  private addBlocks(first: number, swept: Detail): void {
    const { running, kept, blockCount } = this;
    const base = this.at + this.valueCount;
    let { block } = this;
    let slot = slotOf(block, blockCount);
    while (block > first) {
      // A power of two, so the mask is the remainder for negative numbers too.
      if ((block & (GROUP - 1)) === 0 && block - GROUP >= first) {
        block -= GROUP;
        slot -= GROUP;
        running.addStored(kept, this.groupAt(this.at, block / GROUP), swept);
      } else {
        block -= 1;
        slot -= 1;
        if (slot < 0) slot += blockCount;
        running.addStored(kept, base + slot * MOMENT_WORDS, swept);
      }
      if (slot < 0) slot += blockCount;
    }
    this.block = block;
  }

  private measure(from: number, to: number, into: Moments, detail: Detail): void {
    const { row, source } = this;
    if (this.valueCount > 0) this.measureKept(from, to, into, detail);
    else if (source.isRing && row.isRun(from, to)) {
      const index = row.indexOf(from);
      into.measure(row.ring, index, index + to - from + 1, detail);
    } else {
      source.copy(row, from, to, scratch);
      into.measure(scratch, 0, to - from + 1, detail);
    }
  }

  private measureKept(from: number, to: number, into: Moments, detail: Detail): void {
    const { kept, at, valueCount } = this;
    const size = to - from + 1;
    let slot = slotOf(from, valueCount);
    if (slot + size <= valueCount) {
      into.measure(kept, at + slot, at + slot + size, detail);
      return;
    }
    for (let index = 0; index < size; index += 1) {
      scratch[index] = kept[at + slot] as number;
      slot += 1;
      if (slot === valueCount) slot = 0;
    }
    into.measure(scratch, 0, size, detail);
  }

  private blockAt(at: number, block: number): number {
    return at + this.valueCount + slotOf(block, this.blockCount) * MOMENT_WORDS;
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
    this.row = row;
    this.kept = words;
    this.at = at;
    this.measure(block * BLOCK, block * BLOCK + BLOCK - 1, part, FULL);
    part.store(words, this.blockAt(at, block));
    if (slotOf(block + 1, GROUP) === 0) this.keepGroup(words, at, block - GROUP + 1);
  }

  private keepGroup(words: Float64Array, at: number, first: number): void {
    part.clear();
    for (let block = first; block < first + GROUP; block += 1) {
      part.addStored(words, this.blockAt(at, block), FULL);
    }
    part.store(words, this.groupAt(at, first / GROUP));
  }

  private groupAt(at: number, group: number): number {
    const slot = this.blockCount + slotOf(group, this.groupCount);
    return at + this.valueCount + slot * MOMENT_WORDS;
  }
}
