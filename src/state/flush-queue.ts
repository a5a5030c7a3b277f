import { assert } from '../core/assert.ts';
import { RowParts } from './row-parts.ts';
import type { SlabRow } from './slab-row.ts';

/** Pages that the store lacks, the longest first: those of its present round, then the others. */
export class FlushQueue {
  private round = new RowParts();
  private taken = 0;
  private others = new RowParts();

  add(row: SlabRow, page: number): void {
    this.others.add(row, page);
  }

  /** All that waits is the next round; the one before it must have been taken whole. */
  begin(): void {
    assert(this.round.count === 0, 'a round of the store is not over');
    [this.round, this.others] = [this.others, this.round];
  }

  /** Takes at most so many pages of the round; returns how many. */
  take(max: number, visit: (row: SlabRow, page: number) => void): number {
    const from = this.taken;
    this.taken = Math.min(from + max, this.round.count);
    this.round.visit(visit, from, this.taken);
    const count = this.taken - from;
    if (this.taken === this.round.count) {
      this.round.clear();
      this.taken = 0;
    }
    return count;
  }
}
