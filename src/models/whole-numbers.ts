// Hot file: indices are in range by construction, so typed-array reads are narrowed with `as
// number`.
import { NONE, type LinearDesign } from './linear-model.ts';

/** To the nearest whole number, and to the even one of two, as ONNX does. */
export const roundHalfEven = (value: number): number => {
  const below = Math.floor(value);
  const rest = value - below;
  if (rest !== 0.5) return Math.round(value);
  return below % 2 === 0 ? below : below + 1;
};

/** Rounds the means of a row whose series has counts. */
export const roundCounts = (
  { whole }: LinearDesign,
  { row, at, out }: { readonly row: Float64Array; readonly at: number; readonly out: Float64Array },
): void => {
  if (whole === NONE || row[at + whole] !== 1) return;
  for (let step = 0; step < out.length; step += 1) out[step] = roundHalfEven(out[step] as number);
};
