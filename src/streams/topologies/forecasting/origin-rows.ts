import { assert } from '../../../core/assert.ts';
import type { Series } from './series-table.ts';

/** The observations record that a forecast is owed to. */
export interface Trigger {
  readonly offset: number;
  /** Epoch ms. */
  readonly appendedAtMs: number;
}

export interface RowsShape {
  /** Rows that one chunk may hold. */
  readonly capacity: number;
  /** Columns of a feature row. */
  readonly width: number;
  readonly horizon: number;
}

/**
 * The origins that one chunk of closings forecasts from, column by column; reused from chunk to
 * chunk, so that nothing is allocated.
 */
export class OriginRows {
  readonly shape: RowsShape;
  readonly series: Series[] = [];
  /** Period number of the origin. */
  readonly period: Float64Array;
  /** Shared, so that a model's thread reads rows where they lie. */
  readonly features: Float64Array<SharedArrayBuffer>;
  /**
   * Unit of relative errors up to the origin, the denominator of MASE; NaN while it is unknown, 0
   * of a series that never moved.
   */
  readonly scale: Float64Array;
  /** What errors are told in before there are any: the scale, or what there is while it is NaN. */
  readonly unit: Float64Array;
  /** What a forecast may reach, by what the series has shown so far. */
  readonly floor: Float64Array;
  readonly ceiling: Float64Array;
  /** What the naive ladder says of each step, where it was asked, and the rung it stands on. */
  readonly ladder: Float64Array;
  readonly rung: string[] = [];
  /** The record that each is owed to: its offset, and its append time in epoch ms. */
  readonly triggerOffset: Float64Array;
  readonly triggeredAtMs: Float64Array;
  /** 1 while the series has too little history for a model. */
  readonly young: Uint8Array;

  constructor(shape: RowsShape) {
    const { capacity, width, horizon } = shape;
    this.shape = shape;
    this.period = new Float64Array(capacity);
    this.features = new Float64Array(new SharedArrayBuffer(capacity * width * 8));
    this.scale = new Float64Array(capacity);
    this.unit = new Float64Array(capacity);
    this.floor = new Float64Array(capacity);
    this.ceiling = new Float64Array(capacity);
    this.ladder = new Float64Array(capacity * horizon);
    this.triggerOffset = new Float64Array(capacity);
    this.triggeredAtMs = new Float64Array(capacity);
    this.young = new Uint8Array(capacity);
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
  }

  /** Takes one more origin; its other columns are the caller's to fill. */
  add(series: Series, period: number, trigger: Trigger): number {
    // A write past the end of a typed array is dropped without a word.
    assert(!this.isFull, 'a chunk of origins is full');
    const row = this.series.length;
    this.series.push(series);
    this.period[row] = period;
    this.triggerOffset[row] = trigger.offset;
    this.triggeredAtMs[row] = trigger.appendedAtMs;
    return row;
  }

  isYoung(row: number): boolean {
    return this.young[row] === 1;
  }
}
