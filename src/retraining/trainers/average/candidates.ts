import { assert } from '../../../core/assert.ts';
import { autoregressionOf } from '../../../models/autoregression.ts';
import { differencesOf } from '../../../models/differences.ts';
import { linearDesign, recursiveDesign, valueDesign } from '../../../models/linear-design.ts';
import { lastValueOf } from '../../../models/last-value.ts';
import type { LinearDesign, LinearModel } from '../../../models/linear-model.ts';
import type { StepRecursion } from '../../../models/step-recursion.ts';
import type { TreeTarget } from '../../../models/trees/tree-target.ts';
import type { FeatureSchema } from '../../../schemas/feature-schema.ts';
import { daysOf, linearDesignOf, relativeDesign } from '../row-designs.ts';
import type { RowsInput } from '../training-rows.ts';

/** One that may be a member of an average. */
export type MemberCandidate = LinearCandidate | RuleCandidate | RecursionCandidate | TreeCandidate;

export interface LinearCandidate {
  readonly name: string;
  readonly kind: 'linear';
  readonly isRisky?: never;
}

/** One that learns nothing. */
export interface RuleCandidate {
  readonly name: string;
  readonly kind: 'rule';
  /** Undefined where rows do not tell what it says. */
  readonly of: (schema: FeatureSchema, base: LinearDesign) => LinearModel | undefined;
  readonly isRisky: true;
}

export interface RecursionCandidate {
  readonly name: string;
  readonly kind: 'recursion';
  /** Undefined where rows do not tell what it goes on from. */
  readonly of: (schema: FeatureSchema, base: LinearDesign) => StepRecursion | undefined;
  readonly isRisky: true;
}

export interface TreeCandidate {
  readonly name: string;
  readonly kind: 'trees';
  readonly target: TreeTarget;
  /**
   * Relative to the anchor in units of the series; the same with what the steps before came to; or
   * all in one unit and relative to nothing.
   */
  readonly reads: 'relative' | 'feedback' | 'values';
  /** It takes part only where it was seen to be good. */
  readonly isRisky?: true;
  /** So many times the usual trees, and steps as many times smaller; 1 if absent. */
  readonly patience?: number;
}

const CANDIDATES: readonly MemberCandidate[] = [
  { name: 'ridge', kind: 'linear' },
  // What these are wrong by, they go on from.
  { name: 'autoregression', kind: 'recursion', of: autoregressionOf, isRisky: true },
  { name: 'differences', kind: 'recursion', of: differencesOf, isRisky: true },
  { name: 'last-value', kind: 'rule', of: lastValueOf, isRisky: true },
  {
    ...{ name: 'anchor-trees', kind: 'trees', reads: 'relative' },
    target: { start: 'anchor', link: 'identity' },
  },
  {
    ...{ name: 'log-trees', kind: 'trees', reads: 'relative' },
    target: { start: 'anchor', link: 'log' },
  },
  {
    ...{ name: 'slot-trees', kind: 'trees', reads: 'relative' },
    target: { start: 'slot', link: 'identity' },
  },
  {
    ...{ name: 'recursive-trees', kind: 'trees', reads: 'feedback', isRisky: true },
    target: { start: 'before', link: 'identity' },
  },
  // A level says little of a season that is large and regular.
  {
    ...{ name: 'level-trees', kind: 'trees', reads: 'relative', isRisky: true },
    target: { start: 'level', link: 'identity' },
  },
  // What was never seen at this height is foreign to it; a whole curve takes more trees than a
  // distance.
  {
    ...{ name: 'value-trees', kind: 'trees', reads: 'values', isRisky: true },
    target: { start: 'anchor', link: 'log' },
    patience: 2,
  },
];

/** A height that a series will reach must have been seen: what a year does to it, and then some. */
const VALUES_DAYS = 550;

/** Logarithms are for what is never negative, and values for long histories. */
export const candidatesOf = (input: RowsInput): readonly MemberCandidate[] => {
  const { series, toPeriod } = input;
  const isNegative = series.some(({ firstPeriod, values }) =>
    values.subarray(0, Math.max(0, toPeriod - firstPeriod)).some((value) => value < 0),
  );
  const isReadable: Readonly<Record<TreeCandidate['reads'], boolean>> = {
    relative: true,
    feedback: designOf('feedback', input).feedback.length > 0,
    values: daysOf(input) >= VALUES_DAYS,
  };
  return CANDIDATES.filter((candidate) => {
    if (candidate.kind === 'linear') return true;
    if (candidate.kind !== 'trees') return isReadableBy(candidate, input);
    return isReadable[candidate.reads] && (candidate.target.link !== 'log' || !isNegative);
  });
};

const isReadableBy = (
  { of }: RecursionCandidate | RuleCandidate,
  { featureSchema }: RowsInput,
): boolean => of(featureSchema, linearDesign(featureSchema)) !== undefined;

/**
 * How a candidate reads rows to learn, and to forecast: what was unusual on a holiday tells nothing
 * of the next day, but forecasts start from what holidays move.
 */
export const recursionOf = (
  { name, of }: RecursionCandidate,
  input: RowsInput,
): { readonly learnt: StepRecursion; readonly told: StepRecursion } => {
  const { featureSchema } = input;
  const learnt = of(featureSchema, linearDesign(featureSchema));
  const told = of(featureSchema, linearDesignOf(input));
  assert(learnt !== undefined && told !== undefined, `the features have nothing for ${name}`);
  return { learnt, told };
};

/** What a rule says of rows. */
export const ruleOf = ({ name, of }: RuleCandidate, input: RowsInput): LinearModel => {
  const model = of(input.featureSchema, linearDesignOf(input));
  assert(model !== undefined, `the features have nothing for ${name}`);
  return model;
};

export const designOf = (reads: TreeCandidate['reads'], input: RowsInput): LinearDesign => {
  const relative = relativeDesign(input);
  if (reads === 'relative') return relative;
  if (reads === 'feedback') return recursiveDesign(input.featureSchema, relative);
  return valueDesign(relative, unitOf(input));
};

/** The mean seasonal difference of all series: what the scale is for one. */
const unitOf = ({ featureSchema, series, toPeriod }: RowsInput): number => {
  const [short = 1] = featureSchema.seasons;
  let [sum, count] = [0, 0];
  for (const { firstPeriod, values } of series) {
    const known = values.subarray(0, Math.max(0, toPeriod - firstPeriod));
    for (const [place, value] of known.entries()) {
      const difference = Math.abs(value - (known[place - short] ?? Number.NaN));
      if (Number.isNaN(difference)) continue;
      sum += difference;
      count += 1;
    }
  }
  return sum > 0 ? sum / count : 1;
};
