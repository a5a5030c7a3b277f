// Indices are in range by construction, so typed-array reads are narrowed with `as number`.
import { NONE, type LinearDesign } from '../../src/models/linear-model.ts';
import { quietColumns } from '../../src/models/told-means.ts';
import { halfEven } from './half-even.ts';

/**
 * What a graph tells of the means of a row, in plain steps: 0 where the slot has always been, as
 * the sun at night, and whole numbers of a series that has them.
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
