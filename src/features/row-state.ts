import { Row } from './row.ts';
import type { SeriesWindow } from './series-window.ts';

/** What a plan keeps of one window between two rows. */
interface Memory {
  readonly reader: object;
  epoch: number;
  origin: number;
  readonly words: Float64Array;
}

/** Something that is kept from row to row and can be brought forward by one period. */
export interface Kept {
  readonly words: number;
  advance(row: Row, words: Float64Array, at: number): void;
  rebuild(row: Row, words: Float64Array, at: number): void;
}

/** Two live feature schemas, and one that is being compared. */
const READERS_MAX = 4;

/**
 * A row and what its plan remembers of the row before. Remembering saves work and changes no bit:
 * what is kept is a pure function of the window, and is made anew unless the row follows directly
 * on the last one and nothing behind the head has changed.
 */
export class RowState {
  readonly row = new Row();
  words: Float64Array = new Float64Array();
  /** Whether no clock change is near an origin. */
  isPlain: (origin: number) => boolean = () => true;
  private readonly kept: { readonly thing: Kept; readonly at: number }[] = [];
  private size = 0;

  /** Reserves words for something; returns where they begin. */
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
    const memory = this.memoryOf(window);
    const { epoch } = window;
    this.words = memory.words;
    const isSame = memory.epoch === epoch && memory.origin === origin;
    if (!isSame) {
      const follows = memory.epoch === epoch && memory.origin === origin - 1;
      for (const { thing, at } of this.kept) {
        if (follows) thing.advance(row, memory.words, at);
        else thing.rebuild(row, memory.words, at);
      }
    }
    memory.epoch = epoch;
    memory.origin = origin;
  }

  private memoryOf(window: SeriesWindow): Memory {
    const { memories } = window;
    for (const memory of memories) {
      // A memory with this reader was made below, by this very object.
      if (memory.reader === this) return memory as Memory;
    }
    const memory: Memory = {
      reader: this,
      epoch: 0,
      origin: 0,
      words: new Float64Array(this.size),
    };
    if (memories.length >= READERS_MAX) memories.shift();
    memories.push(memory);
    return memory;
  }
}
