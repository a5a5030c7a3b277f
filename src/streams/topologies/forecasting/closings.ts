import type { Series } from './series-table.ts';

// Indices below are in range by construction: `count` never passes the capacity that the arrays were made for.

export interface ClosingShape {
  /** Closings that one batch may hold. */
  readonly capacity: number;
  /** Columns of a feature row. */
  readonly width: number;
  readonly horizon: number;
  /** Naive values for one target. */
  readonly naiveWidth: number;
}

/** No forecast is made at this origin. */
export const NO_ROW = -1;

/**
 * The periods that one batch closes, in (period, series) order and column by column: what was measured, what its
 * naive opponents said, and a feature row for each new origin. Reused from batch to batch.
 */
export class Closings {
  readonly shape: ClosingShape;
  readonly series: Series[] = [];
  readonly period: Float64Array;
  /** NaN: known to be missing. */
  readonly actual: Float64Array;
  readonly naive: Float64Array;
  /** Index of the feature row, or `NO_ROW`. */
  readonly row: Int32Array;
  rowCount = 0;
  rows: Float64Array;
  /** Per row: unit of relative errors up to the origin, and the range that the series has shown. */
  readonly scale: Float64Array;
  readonly least: Float64Array;
  readonly greatest: Float64Array;
  /** Per row: what the naive ladder says of each step, and the name of the rung. */
  readonly ladder: Float64Array;
  readonly rung: string[] = [];
  /** Per row: 1 while the series has too little history for a model. */
  readonly young: Uint8Array;

  constructor(shape: ClosingShape) {
    const { capacity, width, horizon, naiveWidth } = shape;
    this.shape = shape;
    this.period = new Float64Array(capacity);
    this.actual = new Float64Array(capacity);
    this.naive = new Float64Array(capacity * naiveWidth);
    this.row = new Int32Array(capacity);
    this.rows = new Float64Array(capacity * width);
    this.scale = new Float64Array(capacity);
    this.least = new Float64Array(capacity);
    this.greatest = new Float64Array(capacity);
    this.young = new Uint8Array(capacity);
    this.ladder = new Float64Array(capacity * horizon);
  }

  get count(): number {
    return this.series.length;
  }

  get isFull(): boolean {
    return this.series.length >= this.shape.capacity;
  }

  clear(): void {
    this.series.length = 0;
    this.rung.length = 0;
    this.rowCount = 0;
  }

  isYoung(row: number): boolean {
    return this.young[row] === 1;
  }

  add(series: Series, period: number, actual: number): number {
    const index = this.series.length;
    this.series.push(series);
    this.period[index] = period;
    this.actual[index] = actual;
    this.row[index] = NO_ROW;
    return index;
  }
}
