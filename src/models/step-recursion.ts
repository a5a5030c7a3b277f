// Hot file: indices are in range by construction, so typed-array reads are narrowed with `as
// number`.
import type { LinearDesign, LinearModel } from './linear-model.ts';

/**
 * A linear rule by which each step follows from those before it, the same for all steps and series:
 * x[T] = c + Σₗ wₗ·x[T − l] + w·(mean of x over a season before T), in units of the series' scale.
 */
export interface StepRecursion {
  /** Periods back, ascending. */
  readonly lags: readonly number[];
  /** How rows are read: the x that are known at the origin are the scalars. */
  readonly design: LinearDesign;
  /** Where x[t − back] is among the scalars of the design, by `back`. */
  readonly places: ReadonlyMap<number, number>;
  /** Periods of the mean, and where that of the latest ones is; absent where none is read. */
  readonly mean?: { readonly length: number; readonly place: number };
  /**
   * Whether x are changes, one upon the other, of where all steps start; else each is a distance
   * from where its own step does.
   */
  readonly isChange: boolean;
}

export interface RecursionWeights {
  /** One a lag. */
  readonly lags: Float64Array;
  readonly mean: number;
  readonly intercept: number;
}

/**
 * The same as one linear model a step. Each step follows from those before it, so all of them are
 * sums of what is known at the origin, and forecasting takes no steps.
 */
export const unrolled = (recursion: StepRecursion, weights: RecursionWeights): LinearModel => {
  const { design, isChange } = recursion;
  const { scalars } = design;
  const count = scalars.length;
  const steps = stepSums(recursion, weights);
  if (isChange) {
    for (const [index, sum] of steps.entries()) {
      const before = steps[index - 1];
      if (before !== undefined) addTimes(sum, before, 1);
    }
  }
  return {
    design,
    scalarWeights: Float64Array.from(steps.flatMap((sum) => [...sum.subarray(0, count)])),
    profileWeights: new Float64Array(0),
    intercepts: Float64Array.from(steps, (sum) => sum[count] as number),
  };
};

/** Of x at each step: the weights of the known inputs, and the intercept behind them. */
const stepSums = (
  { design, lags, places, mean }: StepRecursion,
  weights: RecursionWeights,
): readonly Float64Array[] => {
  const { horizon, scalars } = design;
  const count = scalars.length;
  const steps: Float64Array[] = [];
  /** Adds x of a period, which is counted from the origin. */
  const add = (sum: Float64Array, period: number, weight: number): void => {
    const said = steps[period - 1];
    if (said !== undefined) addTimes(sum, said, weight);
    else {
      // Lags are those that are known.
      const place = places.get(-period) as number;
      sum[place] = (sum[place] as number) + weight;
    }
  };
  const latest = new Float64Array(count + 1);
  if (mean !== undefined) latest[mean.place] = 1;
  for (let step = 1; step <= horizon; step += 1) {
    const sum = new Float64Array(count + 1);
    sum[count] = weights.intercept;
    for (const [index, lag] of lags.entries()) {
      add(sum, step - lag, weights.lags[index] as number);
    }
    addTimes(sum, latest, weights.mean);
    steps.push(sum);
    if (mean === undefined || step === horizon) continue;
    add(latest, step, 1 / mean.length);
    add(latest, step - mean.length, -1 / mean.length);
  }
  return steps;
};

const addTimes = (sum: Float64Array, other: Float64Array, weight: number): void => {
  for (let index = 0; index < sum.length; index += 1) {
    sum[index] = (sum[index] as number) + weight * (other[index] as number);
  }
};
