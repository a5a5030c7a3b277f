// Hot file: indices are in range by construction, so typed-array reads are narrowed with `as
// number`.
import type { RowShape } from '../schemas/feature-schema.ts';

/** Columns of a row of one step: the scalars, of each profile the step's own value, the step. */
export const stepRowWidth = ({ scalars, profiles }: RowShape): number => scalars + profiles + 1;

/** Their names, by those of a feature row, in which profiles are `profile@1`, `profile@2`, …. */
export const stepRowNames = (
  names: readonly string[],
  { scalars, profiles, horizon }: RowShape,
): readonly string[] => [
  ...names.slice(0, scalars),
  ...Array.from({ length: profiles }, (_, profile) =>
    (names[scalars + profile * horizon] ?? '').replace(/@1$/, '@step'),
  ),
  'step',
];

/**
 * What a model that forecasts step by step reads of feature rows: `horizon` rows for each of them,
 * step 1 first.
 */
export const stepRows = (shape: RowShape, rows: Float64Array, count: number): Float64Array => {
  const { scalars, profiles, horizon } = shape;
  const width = stepRowWidth(shape);
  const wide = rows.length / count;
  const out = new Float64Array(count * horizon * width);
  let to = 0;
  for (let at = 0; at < count * wide; at += wide) {
    for (let step = 0; step < horizon; step += 1) {
      out.set(rows.subarray(at, at + scalars), to);
      for (let profile = 0; profile < profiles; profile += 1) {
        out[to + scalars + profile] = rows[at + scalars + profile * horizon + step] as number;
      }
      out[to + width - 1] = step + 1;
      to += width;
    }
  }
  return out;
};
