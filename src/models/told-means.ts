// Hot file: indices are in range by construction, so typed-array reads are narrowed with `as
// number`.
import { halfEven } from '../core/half-even.ts';
import { NONE, type LinearDesign } from './linear-model.ts';

/**
 * Columns of a row that are all 0 where a series never was negative and a target's slot has been 0
 * for as long as rows tell: the least value, and the first columns of the mean of the slot and of
 * what forecasts start from. Undefined where a design does not read all of them.
 */
export const quietColumns = ({
  least,
  slotMean,
  anchors,
}: LinearDesign):
  { readonly least: number; readonly profiles: readonly [number, ...number[]] } | undefined => {
  // The second one is the mean of the slot, or the first one is and this the value before.
  const [, second] = anchors;
  if (least === NONE || slotMean === NONE || second === undefined) return undefined;
  return { least, profiles: [slotMean, ...anchors.slice(0, 2)] };
};

/**
 * What is told of the means of a row: 0 where the slot has always been, as the sun at night, and
 * whole numbers of a series that has them.
 */
export const tellMeans = (
  design: LinearDesign,
  { row, at, out }: { readonly row: Float64Array; readonly at: number; readonly out: Float64Array },
): void => {
  const quiet = quietColumns(design);
  const isWhole = design.whole !== NONE && row[at + design.whole] === 1;
  const mayBeQuiet = quiet !== undefined && row[at + quiet.least] === 0;
  for (let step = 0; step < out.length; step += 1) {
    if (mayBeQuiet && quiet.profiles.every((column) => row[at + column + step] === 0)) {
      out[step] = 0;
    } else if (isWhole) out[step] = halfEven(out[step] as number);
  }
};
