import { isScalar, rowShape, type FeatureSchema } from '../schemas/feature-schema.ts';
import { NONE, type LinearDesign } from './linear-model.ts';
import type { StepRecursion } from './step-recursion.ts';

/** The latest periods, which are always read. */
const RECENT = [1, 2, 3, 4];

/**
 * How far a value lies off the mean of its slot follows from how far those before it did: the
 * latest ones, those a day and a week before and beside them, and the mean of the last short
 * season. Undefined where rows do not tell these deviations. `base` says where forecasts start and
 * what bounds them.
 * @see Box and Jenkins, Time Series Analysis (1970), on seasonal autoregressive processes
 */
export const autoregressionOf = (
  schema: FeatureSchema,
  base: LinearDesign,
): StepRecursion | undefined => {
  const { horizon, seasons } = schema;
  const [short = 1, slot = short] = seasons;
  if (base.slotMean === NONE || base.deviation === NONE) return undefined;
  const columns = knownDeviations(schema);
  const backs = (lag: number): number[] =>
    Array.from({ length: Math.min(lag, horizon) }, (_, index) => lag - 1 - index);
  const wanted = [...RECENT, short, short + 1, 2 * short, slot, slot + 1];
  const lags = [...new Set(wanted)]
    .filter((lag) => backs(lag).every((back) => columns.has(back)))
    .sort((one, other) => one - other);
  if (!lags.includes(short)) return undefined;
  const used = [...new Set(lags.flatMap(backs))].sort((one, other) => one - other);
  const read = [...used.map((back) => columns.get(back) ?? NONE), base.deviation];
  return {
    lags,
    design: {
      ...base,
      anchors: [base.slotMean, ...base.anchors],
      scalars: read.map((column) => ({ kind: 'relative', column, reference: NONE })),
      profiles: [],
    },
    places: new Map(used.map((back, place) => [back, place])),
    mean: { length: short, place: used.length },
    isChange: false,
  };
};

/** Columns of e[t − back], by `back`: scalars, and the profiles' steps up to the origin. */
const knownDeviations = (schema: FeatureSchema): ReadonlyMap<number, number> => {
  const { terms, horizon } = schema;
  const columns = new Map<number, number>();
  for (const [column, term] of terms.filter(isScalar).entries()) {
    if (term.kind === 'deviation') columns.set(term.periods, column);
  }
  const profiles = terms.flatMap((term) => (isScalar(term) ? [] : [term.profile]));
  const { scalars } = rowShape(schema);
  for (const [index, profile] of profiles.entries()) {
    if (profile.of !== 'deviation') continue;
    for (let step = 1; step <= Math.min(profile.lag, horizon); step += 1) {
      columns.set(profile.lag - step, scalars + index * horizon + step - 1);
    }
  }
  return columns;
};
