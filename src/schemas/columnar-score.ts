import type { Score } from './score.ts';

/**
 * What earlier forecasts said of one target, column by column: in objects, each number that is
 * written would be one more.
 */
export interface StepColumns {
  /** Steps that there are; columns may be longer. */
  readonly count: number;
  /** 1..horizon. */
  readonly steps: Int32Array;
  readonly means: Float64Array;
  /** Bounds: index × levels + level. */
  readonly lower: Float32Array;
  readonly upper: Float32Array;
  /** What naive opponents said: index × names + name. */
  readonly naive: Float32Array;
  readonly scales: Float32Array;
}

/** A score as tasks have it in their hands, thousands a second. */
export interface ColumnarScore extends Omit<Score, 'steps'> {
  readonly steps: StepColumns;
}

/** How many numbers the columns of a score have. */
export interface ColumnsShape {
  readonly capacity: number;
  readonly levels: number;
  readonly names: number;
}

/** Columns that can be filled, and are empty. */
export const emptyColumns = ({
  capacity,
  levels,
  names,
}: ColumnsShape): { -readonly [Key in keyof StepColumns]: StepColumns[Key] } => ({
  count: 0,
  steps: new Int32Array(capacity),
  means: new Float64Array(capacity),
  lower: new Float32Array(capacity * levels),
  upper: new Float32Array(capacity * levels),
  naive: new Float32Array(capacity * names),
  scales: new Float32Array(capacity),
});
