import { assert } from '../core/assert.ts';
import type { BlockVisitor, StateRoom } from './room.ts';
import { RowPlaces } from './row-places.ts';

export interface SlabDefinition {
  readonly kind: 'slab';
  readonly name: string;
  /** Must change whenever the layout or the meaning of a byte does. */
  readonly version: number;
  /** Size of each block in bytes, a multiple of 8: the unit of undo and changelog. */
  readonly blockBytes: readonly number[];
}

/** The state of one key: fixed bytes, seen as float64 or float32. */
export interface SlabRow {
  readonly key: string;
  readonly f64: Float64Array;
  readonly f32: Float32Array;
  readonly bytes: Uint8Array;
  /** Per block: TOUCHED or 0. */
  readonly touched: Uint8Array;
  /** Per page: UNFLUSHED or 0. */
  readonly unflushed: Uint8Array;
}

/** What a batch touched, in order, and where its bytes before are kept. */
interface Undo {
  readonly row: SlabRow;
  readonly block: number;
  /** Position in `before`, or NEW. */
  readonly at: number;
}

/** The row was made in this batch: undoing it is dropping it. */
const NEW = -1;
/** Bytes before that stay allocated between batches; a larger batch gives its room back. */
const BEFORE_BYTES_KEPT = 4 << 20;
const BEFORE_BYTES_MIN = 64 << 10;

const TOUCHED = 1;
const UNFLUSHED = 1;

/**
 * Blocks go to the store in pages of about this size: an entry costs more than its bytes do, and by
 * the time the store follows, most blocks of a busy series have changed. Another size is another
 * format of the store.
 */
const PAGE_BYTES = 4 << 10;

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
  /** Where each block ends, and each page. */
  private readonly ends: Int32Array;
  private readonly pageEnds: Int32Array;
  /** Per block: its page. */
  private readonly pages: Int32Array;
  private readonly places: RowPlaces;
  private undo: Undo[] = [];
  private before = new Uint8Array(0);
  private beforeEnd = 0;
  private created: SlabRow[] = [];
  private unflushed: { readonly row: SlabRow; readonly page: number }[] = [];

  constructor(definition: SlabDefinition) {
    this.room = `${definition.name}@${definition.version}`;
    let end = 0;
    this.ends = Int32Array.from(definition.blockBytes, (size) => {
      assert(size > 0 && size % 8 === 0, `block size ${size} of ${this.room} is no multiple of 8`);
      return (end += size);
    });
    const { pages, pageEnds } = pagesOf(this.ends);
    this.pages = pages;
    this.pageEnds = pageEnds;
    this.places = new RowPlaces(this.rowBytes + this.ends.length + this.pageEnds.length);
  }

  get rowBytes(): number {
    return this.ends.at(-1) ?? 0;
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
    row.touched.fill(TOUCHED);
    for (let block = 0; block < this.ends.length; block += 1) {
      this.undo.push({ row, block, at: NEW });
    }
    return row;
  }

  /** To be called before any of the bytes [from, to) of the row change. */
  touch(row: SlabRow, from: number, to: number): void {
    for (let block = this.blockAt(from); block < this.ends.length; block += 1) {
      const start = block === 0 ? 0 : (this.ends[block - 1] ?? 0);
      if (start >= to) return;
      if (row.touched[block] === TOUCHED) continue;
      row.touched[block] = TOUCHED;
      this.undo.push({ row, block, at: this.keep(this.view(row, block)) });
    }
  }

  restore(block: number, key: string, bytes: Uint8Array | null): void {
    assert(bytes !== null, `${this.room} has no tombstones, but one for ${key} was restored`);
    const row = this.rows.get(key) ?? this.insert(key);
    this.put(this.view(row, block), bytes);
    this.markUnflushed(row, block);
  }

  load(page: number, key: string, bytes: Uint8Array): void {
    this.put(this.pageView(this.rows.get(key) ?? this.insert(key), page), bytes);
  }

  visitTouched(visit: BlockVisitor): void {
    for (const { row, block } of this.undo) visit(block, row.key, this.view(row, block));
  }

  committed(): void {
    for (const { row, block } of this.undo) {
      row.touched[block] = 0;
      this.markUnflushed(row, block);
    }
    this.forget();
  }

  rollback(): void {
    for (const { row, block, at } of this.undo) {
      const view = this.view(row, block);
      if (at !== NEW) view.set(this.before.subarray(at, at + view.length));
      row.touched[block] = 0;
    }
    for (const row of this.created) {
      this.rows.delete(row.key);
      this.places.give(row.bytes);
    }
    this.forget();
  }

  visitUnflushed(visit: BlockVisitor): void {
    for (const { row, page } of this.unflushed) visit(page, row.key, this.pageView(row, page));
  }

  flushed(): void {
    for (const { row, page } of this.unflushed) row.unflushed[page] = 0;
    this.unflushed = [];
  }

  private insert(key: string): SlabRow {
    const { buffer, at } = this.places.take();
    const { rowBytes } = this;
    const flagsAt = at + rowBytes;
    const blocks = this.ends.length;
    const row: SlabRow = {
      key,
      f64: new Float64Array(buffer, at, rowBytes / 8),
      f32: new Float32Array(buffer, at, rowBytes / 4),
      bytes: new Uint8Array(buffer, at, rowBytes),
      touched: new Uint8Array(buffer, flagsAt, blocks),
      unflushed: new Uint8Array(buffer, flagsAt + blocks, this.pageEnds.length),
    };
    this.rows.set(key, row);
    return row;
  }

  /** Copies bytes to where they wait for a rollback: one growing buffer, none for each block. */
  private keep(bytes: Uint8Array): number {
    const at = this.beforeEnd;
    const end = at + bytes.length;
    if (end > this.before.length) {
      const grown = new Uint8Array(Math.max(2 * end, BEFORE_BYTES_MIN));
      grown.set(this.before);
      this.before = grown;
    }
    this.before.set(bytes, at);
    this.beforeEnd = end;
    return at;
  }

  private forget(): void {
    this.undo = [];
    this.created = [];
    this.beforeEnd = 0;
    if (this.before.length > BEFORE_BYTES_KEPT) this.before = new Uint8Array(0);
  }

  private markUnflushed(row: SlabRow, block: number): void {
    const page = this.pages[block] ?? 0;
    if (row.unflushed[page] === UNFLUSHED) return;
    row.unflushed[page] = UNFLUSHED;
    this.unflushed.push({ row, page });
  }

  private put(view: Uint8Array, bytes: Uint8Array): void {
    assert(
      view.length === bytes.length,
      `${this.room} was given ${bytes.length} bytes for ${view.length}`,
    );
    view.set(bytes);
  }

  private view(row: SlabRow, block: number): Uint8Array {
    return row.bytes.subarray(block === 0 ? 0 : this.ends[block - 1], this.ends[block]);
  }

  private pageView(row: SlabRow, page: number): Uint8Array {
    return row.bytes.subarray(page === 0 ? 0 : this.pageEnds[page - 1], this.pageEnds[page]);
  }

  /** Index of the block that holds a byte: a binary search over block ends. */
  private blockAt(byte: number): number {
    let low = 0;
    let high = this.ends.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.ends[middle] ?? 0) <= byte) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
