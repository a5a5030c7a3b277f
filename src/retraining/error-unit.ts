import { sortedQuantile } from '../models/quantile.ts';

/**
 * What half of all models are off by in one row, in scales: beyond, the row's unit is not its scale
 * but what makes it so much. A series that was still and wakes has next to no scale, and would
 * decide for all others.
 */
const TYPICAL_MAX = 4;

/**
 * In what errors of one row (a series from one origin) are counted, so that rows of all series may
 * be added. `errors`: the mean |error| of each model.
 */
export const errorUnit = (scale: number, errors: Float64Array): number =>
  Math.max(scale, sortedQuantile(errors.toSorted(), 0.5) / TYPICAL_MAX);
