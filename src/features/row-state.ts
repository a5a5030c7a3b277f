// Hot file: words are in range by construction.
import { Row } from './row.ts';
import type { SeriesWindow } from './series-window.ts';

/** Words of a memory before what is kept: the epoch and the origin that it was made for. */
const EPOCH = 0;
const ORIGIN = 1;
const HEADER_WORDS = 2;

/** Something that is kept from row to row and can be brought forward by one period. */
export interface Kept {
  readonly words: number;
  advance(row: Row, words: Float64Array, at: number): void;
  rebuild(row: Row, words: Float64Array, at: number): void;
}

/**
 * A row and what its plan remembers of the row before. Remembering saves work and changes no bit:
 * what is kept is a pure function of the window, and is made anew unless the row follows directly
 * on the last one and nothing behind the head has changed.
 */
export class RowState {
  readonly row = new Row();
  /** What is kept of the window that was opened last, from `at` on. */
  words: Float64Array = new Float64Array();
  at = 0;
  /** Whether no clock change is near an origin. */
  isPlain: (origin: number) => boolean = () => true;
  private readonly kept: { readonly thing: Kept; readonly at: number }[] = [];
  private size = HEADER_WORDS;

  /** Reserves words for something; returns where they begin, counted from `at`. */
  keep(thing: Kept): number {
    const at = this.size;
    this.kept.push({ thing, at });
    this.size += thing.words;
    return at;
  }

  get sizeBytes(): number {
    return this.size * 8;
  }

  open(window: SeriesWindow, origin: number): void {
    const { row } = this;
    row.open(window, origin);
    row.isPlain = this.isPlain(origin);
    const { words, at } = window.memoryOf(this, this.size);
    const { epoch } = window;
    this.words = words;
    this.at = at;
    const isSameEpoch = words[at + EPOCH] === epoch;
    if (isSameEpoch && words[at + ORIGIN] === origin) return;
    const follows = isSameEpoch && words[at + ORIGIN] === origin - 1;
    for (const { thing, at: from } of this.kept) {
      if (follows) thing.advance(row, words, at + from);
      else thing.rebuild(row, words, at + from);
    }
    words[at + EPOCH] = epoch;
    words[at + ORIGIN] = origin;
  }
}
