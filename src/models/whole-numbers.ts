// Hot file: indices are in range by construction, so typed-array reads are narrowed with `as
// number`.
import { halfEven } from '../core/half-even.ts';
import { NONE, type LinearDesign } from './linear-model.ts';

/** Rounds the means of a row whose series has counts. */
export const roundCounts = (
  { whole }: LinearDesign,
  { row, at, out }: { readonly row: Float64Array; readonly at: number; readonly out: Float64Array },
): void => {
  if (whole === NONE || row[at + whole] !== 1) return;
  for (let step = 0; step < out.length; step += 1) out[step] = halfEven(out[step] as number);
};
