// Hot file: indices are in range by construction (slots are taken modulo the ring), so typed-array
// reads are narrowed with `as number`.
import type { ReferenceIndependence } from '../../../drift/shift-test.ts';
import type { Slab, SlabDefinition, SlabRow } from '../../../state/slab.ts';

/**
 * Words of a row's head: serial of the model, first period with it, and what its reference is worth
 * since when.
 */
const SERIAL = 0;
const START = 1;
const WORTH_AT = 2;
const WORTH_ERRORS = 3;
const WORTH_LOSSES = 4;
const HEAD_BYTES = 40;

/**
 * A block says which periods it holds, then so many errors, all as float32. A larger one would be
 * logged for each error, a smaller one would hold little else than what it says of itself.
 */
const BLOCK_BYTES = 40;
const BLOCK_SLOTS = BLOCK_BYTES / 4 - 1;

/**
 * The last errors of each series at one step, by period number; 7.5 kB a series for eleven weeks of
 * hours.
 */
export const errorRingsStore = (capacity: number): SlabDefinition => {
  const blocks = Math.ceil(capacity / BLOCK_SLOTS) + 1;
  const blockBytes = [HEAD_BYTES, ...Array.from({ length: blocks }, () => BLOCK_BYTES)];
  return { kind: 'slab', name: `error-rings-${blocks}`, version: 2, blockBytes };
};

/**
 * Reads and writes the rows of `errorRingsStore`. A row belongs to one model: another one begins
 * anew.
 */
export class ErrorRings {
  private readonly slab: Slab;
  private readonly blocks: number;
  private order: string[] = [];

  constructor(slab: Slab) {
    this.slab = slab;
    this.blocks = (slab.rowBytes - HEAD_BYTES) / BLOCK_BYTES;
  }

  /** Series ids in order of their UTF-16 code units: the same on every machine. */
  inOrder(): readonly string[] {
    if (this.order.length !== this.slab.size) this.order = [...this.slab.keys()].sort();
    return this.order;
  }

  /** The row of a series while `serial` is the model it belongs to; a newer model takes it over. */
  open(seriesId: string, serial: number, period: number): SlabRow {
    const row = this.slab.row(seriesId);
    if (this.serialOf(row) === serial) return row;
    this.slab.touch(row, 0, HEAD_BYTES);
    const { chunk, word } = row;
    chunk.f64[word + SERIAL] = serial;
    chunk.f64[word + START] = period;
    chunk.f64[word + WORTH_AT] = Number.NaN;
    return row;
  }

  find(seriesId: string): SlabRow | undefined {
    return this.slab.find(seriesId);
  }

  serialOf({ chunk, word }: SlabRow): number {
    return chunk.f64[word + SERIAL] as number;
  }

  startOf({ chunk, word }: SlabRow): number {
    return chunk.f64[word + START] as number;
  }

  write(row: SlabRow, period: number, error: number): void {
    const { f32 } = row.chunk;
    const block = Math.floor(period / BLOCK_SLOTS);
    const from = this.byteOf(block);
    const at = row.word * 2 + from / 4;
    const lap = this.lapOf(block);
    // The ring has gone past it.
    if ((f32[at] as number) > lap) return;
    this.slab.touch(row, from, from + BLOCK_BYTES);
    if (f32[at] !== lap) {
      f32[at] = lap;
      f32.fill(Number.NaN, at + 1, at + 1 + BLOCK_SLOTS);
    }
    f32[at + 1 + period - block * BLOCK_SLOTS] = error;
  }

  /** Errors of the periods [from, to): NaN where there is none, as before 1970. */
  read(row: SlabRow, from: number, to: number): Float64Array {
    const { f32 } = row.chunk;
    const errors = new Float64Array(to - from);
    for (let index = 0; index < errors.length; index += 1) {
      const period = from + index;
      const block = Math.floor(period / BLOCK_SLOTS);
      const at = row.word * 2 + this.byteOf(block) / 4;
      const slot = at + 1 + period - block * BLOCK_SLOTS;
      const isKept = period >= 0 && f32[at] === this.lapOf(block);
      errors[index] = isKept ? (f32[slot] as number) : Number.NaN;
    }
    return errors;
  }

  /** What was found at `at` (a number that grows with time), if anything. */
  worthAt({ chunk, word }: SlabRow, at: number): ReferenceIndependence | undefined {
    const { f64 } = chunk;
    if (f64[word + WORTH_AT] !== at) return undefined;
    return {
      errors: f64[word + WORTH_ERRORS] as number,
      losses: f64[word + WORTH_LOSSES] as number,
    };
  }

  keepWorth(row: SlabRow, at: number, { errors, losses }: ReferenceIndependence): void {
    this.slab.touch(row, 0, HEAD_BYTES);
    const { chunk, word } = row;
    chunk.f64[word + WORTH_AT] = at;
    chunk.f64[word + WORTH_ERRORS] = errors;
    chunk.f64[word + WORTH_LOSSES] = losses;
  }

  private byteOf(block: number): number {
    const place = ((block % this.blocks) + this.blocks) % this.blocks;
    return HEAD_BYTES + place * BLOCK_BYTES;
  }

  /**
   * How often the ring has gone round by a block, from 1 on, which with its place says which block
   * it is; 0 is what a new row holds. A ring spans weeks, so that a float32 counts laps exactly.
   */
  private lapOf(block: number): number {
    return Math.floor(block / this.blocks) + 1;
  }
}
