/**
 * Forecasts of one target that wait for its actual, as they were issued; made once and refilled.
 */
export interface MaturedForecasts {
  count: number;
  /** 1..horizon, ascending. */
  readonly steps: Int32Array;
  readonly means: Float64Array;
  /** Bounds as issued, clipped: index × levels + level. */
  readonly lower: Float64Array;
  readonly upper: Float64Array;
}

/** Inside, bounds included; compared in float32, the precision in which bounds are published. */
export const isCovered = (actual: number, lower: number, upper: number): boolean => {
  const value = Math.fround(actual);
  return value >= Math.fround(lower) && value <= Math.fround(upper);
};

export const maturedForecasts = (horizon: number, levelCount: number): MaturedForecasts => ({
  count: 0,
  steps: new Int32Array(horizon),
  means: new Float64Array(horizon),
  lower: new Float64Array(horizon * levelCount),
  upper: new Float64Array(horizon * levelCount),
});
