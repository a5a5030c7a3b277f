// Hot file: indices are in range by construction (rows of a block, steps of a horizon), so
// typed-array reads are narrowed with `as number`.
import { intervalUnit } from '../models/interval-unit.ts';
import { halfWidths, type MaturedErrors } from './error-quantiles.ts';
import type { OriginBlock } from './origin-blocks.ts';

/** One a step. */
export interface Bounds {
  readonly lower: Float64Array;
  readonly upper: Float64Array;
}

export interface BoundsOptions {
  readonly mean: Float64Array;
  readonly errors: MaturedErrors;
  /** Percent. */
  readonly levels: readonly number[];
}

/** The intervals around the means of a row, one pair of bounds a level. */
export const boundsOf = (
  block: OriginBlock,
  row: number,
  { mean, errors, levels }: BoundsOptions,
): readonly Bounds[] => {
  const [floor, ceiling] = [block.floor[row] as number, block.ceiling[row] as number];
  const { scale, moves, last } = block;
  const unit = intervalUnit(scale[row] as number, moves[row] as number, last[row] as number);
  const widths = halfWidths(errors, { levels, scale: unit });
  return widths.map((half) => ({
    lower: mean.map((value, step) => Math.max(floor, value - (half[step] as number))),
    upper: mean.map((value, step) => Math.min(ceiling, value + (half[step] as number))),
  }));
};
