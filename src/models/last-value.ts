import { isScalar, type FeatureSchema } from '../schemas/feature-schema.ts';
import type { LinearDesign, LinearModel } from './linear-model.ts';

/** Of a season, the part within which it hardly moves a series. */
const SEASON_SHARE = 1 / 4;

/**
 * The last value at every step: of a walk nothing better is known. As a model, so that it can be
 * averaged with others; undefined where rows do not have it, and where forecasts reach so far into
 * a season that it was good by chance, in a stretch where little happened. `base` says what bounds
 * forecasts.
 */
export const lastValueOf = (
  { terms, seasons, horizon: steps }: FeatureSchema,
  base: LinearDesign,
): LinearModel | undefined => {
  const [short = Infinity] = seasons;
  if (steps > SEASON_SHARE * short) return undefined;
  const column = terms
    .filter(isScalar)
    .findIndex((term) => term.kind === 'lag' && term.periods === 1);
  if (column < 0) return undefined;
  const { horizon } = base;
  return {
    design: { ...base, start: column, scalars: [], profiles: [] },
    scalarWeights: new Float64Array(0),
    profileWeights: new Float64Array(0),
    intercepts: new Float64Array(horizon),
  };
};
