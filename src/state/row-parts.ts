import type { SlabRow } from './slab-row.ts';

const FIRST_PARTS = 256;
/** What a batch needs is kept for the next one up to here: half a megabyte. */
const KEPT_PARTS = 1 << 16;

/**
 * A list of parts of rows, each with a number to it. In columns, since an object for each would
 * live until the next commit or flush, and be moved by the collector meanwhile.
 */
export class RowParts {
  private rows: SlabRow[] = [];
  private numbers = new Int32Array(2 * FIRST_PARTS);

  add(row: SlabRow, part: number, number = 0): void {
    const at = 2 * this.rows.length;
    if (at === this.numbers.length) {
      const grown = new Int32Array(2 * at);
      grown.set(this.numbers);
      this.numbers = grown;
    }
    this.numbers[at] = part;
    this.numbers[at + 1] = number;
    this.rows.push(row);
  }

  get count(): number {
    return this.rows.length;
  }

  /** Visits those from one on, up to another. */
  visit(
    visit: (row: SlabRow, part: number, number: number) => void,
    from = 0,
    to = this.rows.length,
  ): void {
    const { rows, numbers } = this;
    for (let index = from; index < to; index += 1) {
      // All three are below the count.
      const row = rows[index] as SlabRow;
      visit(row, numbers[2 * index] as number, numbers[2 * index + 1] as number);
    }
  }

  clear(): void {
    this.rows = [];
    if (this.numbers.length > 2 * KEPT_PARTS) this.numbers = new Int32Array(2 * FIRST_PARTS);
  }
}
