import { assert } from '../core/assert.ts';
import { FlushQueue } from './flush-queue.ts';
import type { BlockVisitor, StateRoom } from './room.ts';
import { RowParts } from './row-parts.ts';
import { RowPlaces } from './row-places.ts';
import type { SlabDefinition } from './slab-definition.ts';
import { SlabRow, type RowLayout } from './slab-row.ts';

export type { SlabDefinition, SlabKin } from './slab-definition.ts';
export type { SlabRow } from './slab-row.ts';

/** The row was made in this batch: undoing it is dropping it. */
const NEW = -1;
/** Words of it that stay allocated between batches; a larger batch gives its room back. */
const BEFORE_WORDS_KEPT = 1 << 20;
const BEFORE_WORDS_MIN = 16 << 10;
/** Copied word by word up to here: a view and a call cost more than that. */
const SMALL_WORDS = 64;

/** What sixteen bits number. */
const BLOCKS_MAX = 1 << 16;

const TOUCHED = 1;
const UNFLUSHED = 1;

/**
 * Blocks go to the store in pages of about this size: an entry costs more than its bytes do, and by
 * the time the store follows, most blocks of a busy series have changed. Another size is another
 * format of the store.
 */
const PAGE_BYTES = 4 << 10;

/** One search for all: a row is touched several times for each value. */
const blocksOf = (ends: Int32Array): Uint16Array => {
  const words = new Uint16Array((ends.at(-1) ?? 0) / 8);
  assert(ends.length <= BLOCKS_MAX, `a row of ${ends.length} blocks`);
  let start = 0;
  for (const [block, end] of ends.entries()) {
    words.fill(block, start / 8, end / 8);
    start = end;
  }
  return words;
};

/** As many whole neighbours as fit a page; a block that does not fit is a page of its own. */
const pagesOf = (
  ends: Int32Array,
): { readonly pages: Int32Array; readonly pageEnds: Int32Array } => {
  const pageEnds: number[] = [];
  let start = 0;
  const pages = ends.map((end, block) => {
    const isFull = end - start > PAGE_BYTES;
    if (block === 0 || isFull) {
      start = ends[block - 1] ?? 0;
      pageEnds.push(end);
    } else pageEnds[pageEnds.length - 1] = end;
    return pageEnds.length - 1;
  });
  return { pages, pageEnds: Int32Array.from(pageEnds) };
};

/**
 * A store of fixed-size binary rows, mutated in place. Whoever writes says so first with `touch`,
 * which keeps a copy of each block the first time a batch touches it: a failed batch is undone, a
 * committed one costs only its blocks.
 */
export class Slab implements StateRoom {
  readonly room: string;
  private readonly rows = new Map<string, SlabRow>();
  /** Per eight bytes of a row: their block. */
  private readonly blocks: Uint16Array;
  /** Where each block ends, and each page. */
  private readonly ends: Int32Array;
  private readonly pageEnds: Int32Array;
  /** Per block: its page. */
  private readonly pages: Int32Array;
  /** Bytes of a row, and after them, in the same place, a flag a block and a flag a page. */
  private readonly layout: RowLayout;
  private readonly places: RowPlaces;
  /** Blocks that this batch touched, in order, each with its position in `before`, or NEW. */
  private readonly undo = new RowParts();
  /** What they held, in 32-bit words. */
  private before = new Int32Array(0);
  private beforeEnd = 0;
  private created: SlabRow[] = [];
  private readonly unflushed = new FlushQueue();

  constructor(definition: SlabDefinition) {
    this.room = `${definition.name}@${definition.version}`;
    let end = 0;
    this.ends = Int32Array.from(definition.blockBytes, (size) => {
      assert(size > 0 && size % 8 === 0, `block size ${size} of ${this.room} is no multiple of 8`);
      return (end += size);
    });
    this.blocks = blocksOf(this.ends);
    const { pages, pageEnds } = pagesOf(this.ends);
    this.pages = pages;
    this.pageEnds = pageEnds;
    this.layout = { rowBytes: end };
    this.places = new RowPlaces(end + this.ends.length + this.pageEnds.length);
  }

  get rowBytes(): number {
    return this.layout.rowBytes;
  }

  get size(): number {
    return this.rows.size;
  }

  get sizeBytes(): number {
    return this.rows.size * this.rowBytes;
  }

  keys(): IterableIterator<string> {
    return this.rows.keys();
  }

  find(key: string): SlabRow | undefined {
    return this.rows.get(key);
  }

  /** The row of a key, zeroed and touched as a whole when it is new. */
  row(key: string): SlabRow {
    const found = this.rows.get(key);
    if (found !== undefined) return found;
    const row = this.insert(key);
    this.created.push(row);
    for (let block = 0; block < this.ends.length; block += 1) {
      row.chunk.bytes[this.flagOf(row, block)] = TOUCHED;
      this.undo.add(row, block, NEW);
    }
    return row;
  }

  /** To be called before any of the bytes [from, to) of the row change. */
  touch(row: SlabRow, from: number, to: number): void {
    const { bytes } = row.chunk;
    for (
      let block = this.blocks[from >> 3] ?? this.ends.length;
      block < this.ends.length;
      block += 1
    ) {
      if (this.startOf(block) >= to) return;
      const flag = this.flagOf(row, block);
      if (bytes[flag] === TOUCHED) continue;
      bytes[flag] = TOUCHED;
      this.undo.add(row, block, this.keep(row, block));
    }
  }

  restore(block: number, key: string, bytes: Uint8Array | null): void {
    const known = this.rows.get(key);
    if (bytes === null) {
      // Where a task began again in place: nothing of what came before is here by then.
      assert(known === undefined, `${this.room} deletes no rows, but ${key} was to be`);
      return;
    }
    const row = known ?? this.insert(key);
    this.put(this.view(row, block), bytes);
    this.markUnflushed(row, block);
  }

  load(page: number, key: string, bytes: Uint8Array): void {
    this.put(this.pageView(this.rows.get(key) ?? this.insert(key), page), bytes);
  }

  visitTouched(visit: BlockVisitor): void {
    this.undo.visit((row, block) => {
      visit(block, row.key, this.view(row, block));
    });
  }

  committed(): void {
    this.undo.visit((row, block) => {
      row.chunk.bytes[this.flagOf(row, block)] = 0;
      this.markUnflushed(row, block);
    });
    this.forget();
  }

  rollback(): void {
    this.undo.visit((row, block, at) => {
      const start = (row.at + this.startOf(block)) / 4;
      const words = this.wordsOf(block);
      if (at !== NEW) row.chunk.i32.set(this.before.subarray(at, at + words), start);
      row.chunk.bytes[this.flagOf(row, block)] = 0;
    });
    for (const row of this.created) {
      this.rows.delete(row.key);
      this.places.give(row);
    }
    this.forget();
  }

  beginFlush(): void {
    this.unflushed.begin();
  }

  takeUnflushed(max: number, visit: BlockVisitor): number {
    return this.unflushed.take(max, (row, page) => {
      row.chunk.bytes[this.flagOfPage(row, page)] = 0;
      visit(page, row.key, this.pageView(row, page));
    });
  }

  private insert(key: string): SlabRow {
    const row = new SlabRow(key, this.places.take(), this.layout);
    this.rows.set(key, row);
    return row;
  }

  /** Copies a block to where it waits for a rollback: one growing buffer, none for each block. */
  private keep(row: SlabRow, block: number): number {
    const { i32 } = row.chunk;
    const start = (row.at + this.startOf(block)) / 4;
    const words = this.wordsOf(block);
    const at = this.beforeEnd;
    this.reserve(at + words);
    const { before } = this;
    if (words > SMALL_WORDS) before.set(new Int32Array(row.chunk.buffer, start * 4, words), at);
    else {
      for (let word = 0; word < words; word += 1) {
        // Both are within their arrays: the block lies in the chunk, and room was reserved.
        before[at + word] = i32[start + word] as number;
      }
    }
    this.beforeEnd = at + words;
    return at;
  }

  private reserve(words: number): void {
    if (words <= this.before.length) return;
    const grown = new Int32Array(Math.max(2 * words, BEFORE_WORDS_MIN));
    grown.set(this.before);
    this.before = grown;
  }

  private forget(): void {
    this.undo.clear();
    this.created = [];
    this.beforeEnd = 0;
    if (this.before.length > BEFORE_WORDS_KEPT) this.before = new Int32Array(0);
  }

  private markUnflushed(row: SlabRow, block: number): void {
    const { bytes } = row.chunk;
    const page = this.pages[block] ?? 0;
    const flag = this.flagOfPage(row, page);
    if (bytes[flag] === UNFLUSHED) return;
    bytes[flag] = UNFLUSHED;
    this.unflushed.add(row, page);
  }

  /** Where in its chunk the flag of a block is, and that of a page. */
  private flagOf(row: SlabRow, block: number): number {
    return row.at + this.layout.rowBytes + block;
  }

  private flagOfPage(row: SlabRow, page: number): number {
    return row.at + this.layout.rowBytes + this.ends.length + page;
  }

  private startOf(block: number): number {
    return block === 0 ? 0 : (this.ends[block - 1] ?? 0);
  }

  private wordsOf(block: number): number {
    return ((this.ends[block] ?? 0) - this.startOf(block)) / 4;
  }

  private put(view: Uint8Array, bytes: Uint8Array): void {
    assert(
      view.length === bytes.length,
      `${this.room} was given ${bytes.length} bytes for ${view.length}`,
    );
    view.set(bytes);
  }

  private view({ chunk, at }: SlabRow, block: number): Uint8Array {
    const start = this.startOf(block);
    return new Uint8Array(chunk.buffer, at + start, (this.ends[block] ?? 0) - start);
  }

  private pageView({ chunk, at }: SlabRow, page: number): Uint8Array {
    const start = page === 0 ? 0 : (this.pageEnds[page - 1] ?? 0);
    return new Uint8Array(chunk.buffer, at + start, (this.pageEnds[page] ?? 0) - start);
  }
}
