import { isScalar, type FeatureSchema } from '../schemas/feature-schema.ts';
import { NONE, type LinearDesign, type ScalarInput } from './linear-model.ts';
import type { StepRecursion } from './step-recursion.ts';

/**
 * How a value differs from the one before it follows from how those before it did, over more than a
 * season: a level that moves, or a walk, is no error to it. Undefined where rows do not have so
 * many of the latest values. `base` says what bounds forecasts.
 * @see Box and Jenkins, Time Series Analysis (1970), on integrated processes: ARI(p, 1)
 */
export const differencesOf = (
  { terms, seasons }: FeatureSchema,
  base: LinearDesign,
): StepRecursion | undefined => {
  const [short = 1] = seasons;
  const columns = new Map(
    terms
      .filter(isScalar)
      .flatMap((term, column) => (term.kind === 'lag' ? [[term.periods, column] as const] : [])),
  );
  const lags = differenceLags(short);
  const reach = lags.at(-1) ?? 0;
  const values = Array.from({ length: reach + 1 }, (_, index) => columns.get(index + 1) ?? NONE);
  const [start = NONE] = values;
  if (values.includes(NONE)) return undefined;
  return {
    lags,
    design: {
      ...base,
      start,
      scalars: values.slice(1).map((reference, back): ScalarInput => ({
        kind: 'relative',
        column: values[back] ?? NONE,
        reference,
      })),
      profiles: [],
    },
    places: new Map(Array.from({ length: reach }, (_, back) => [back, back])),
    isChange: true,
  };
};

/** A whole season and its neighbour, and the same a season before. */
const differenceLags = (short: number): readonly number[] => [
  ...new Set([
    ...Array.from({ length: short + 1 }, (_, index) => index + 1),
    ...[2 * short, 2 * short + 1],
  ]),
];
