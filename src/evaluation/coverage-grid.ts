import { isCovered } from '../models/matured-forecasts.ts';
import type { ComparedStep } from './compared-steps.ts';

/** A cell of the grid, both counted from 0. */
export interface GridPlace {
  readonly row: number;
  readonly column: number;
}

/** How often intervals held, by rows and columns. */
export interface CoverageCounts {
  /** Pairs of each cell. */
  readonly counts: readonly (readonly number[])[];
  /** Of each level, how many of them lay inside. */
  readonly covered: readonly (readonly (readonly number[])[])[];
}

/** Counts by two things at once how often intervals held; its size does not grow with forecasts. */
export class CoverageGrid {
  private readonly counts: number[][];
  private readonly covered: number[][][];

  constructor(rows: number, columns: number, levels: number) {
    const empty = (): number[][] =>
      Array.from({ length: rows }, () => new Array<number>(columns).fill(0));
    this.counts = empty();
    this.covered = Array.from({ length: levels }, empty);
  }

  /** Pairs whose bounds are not known are left out. */
  add({ row, column }: GridPlace, { actual, lower, upper }: ComparedStep): void {
    if (![...lower, ...upper].every(Number.isFinite)) return;
    bump(this.counts[row], column);
    for (const [level, low] of lower.entries()) {
      const high = upper[level] ?? Number.NaN;
      if (isCovered(actual, low, high)) bump(this.covered[level]?.[row], column);
    }
  }

  /** Whether rows and columns say the same: no row has pairs in more than one column. */
  get isDiagonal(): boolean {
    return this.counts.every((row) => row.filter((count) => count > 0).length <= 1);
  }

  result(): CoverageCounts {
    return { counts: this.counts, covered: this.covered };
  }
}

const bump = (cells: number[] | undefined, column: number): void => {
  if (cells !== undefined) cells[column] = (cells[column] ?? 0) + 1;
};
