// Hot file: indices are in range by construction (all arrays are made for the same counts), so
// typed-array reads are narrowed with `as number`.
import type { LinearInputs } from '../../models/linear-model.ts';
import { solveSymmetric } from './cholesky.ts';

export interface LinearWeights {
  /** horizon × scalars, horizon × profiles, horizon. */
  readonly scalarWeights: Float64Array;
  readonly profileWeights: Float64Array;
  readonly intercepts: Float64Array;
}

/**
 * Normal equations of one ridge regression a step, XᵀX and Xᵀz with X = [scalars, 1, profiles of
 * the step]. The scalars are the same for all steps, so their block is summed once; what steps
 * without a target must not have is summed apart. Memory does not grow with rows, and neither does
 * what a fit costs.
 * @see Hoerl and Kennard, Ridge Regression (1970)
 */
export class Gram {
  readonly horizon: number;
  readonly scalars: number;
  readonly profiles: number;
  rows = 0;
  private readonly shared: Float64Array;
  private readonly left: Float64Array;
  private readonly cross: Float64Array;
  private readonly square: Float64Array;
  private readonly scalarTargets: Float64Array;
  private readonly profileTargets: Float64Array;
  private readonly known: Float64Array;

  constructor({ design }: LinearInputs) {
    this.horizon = design.horizon;
    this.scalars = design.scalars.length;
    this.profiles = design.profiles.length;
    const { horizon, profiles } = this;
    const known = this.scalars + 1;
    this.shared = new Float64Array(known * known);
    this.left = new Float64Array(horizon * known * known);
    this.cross = new Float64Array(horizon * profiles * known);
    this.square = new Float64Array(horizon * profiles * profiles);
    this.scalarTargets = new Float64Array(horizon * known);
    this.profileTargets = new Float64Array(horizon * profiles);
    this.known = new Float64Array(known);
    this.known[this.scalars] = 1;
  }

  /** Takes one row in: its inputs, and its target for each step, NaN where there is none. */
  add({ scalars, profiles }: LinearInputs, targets: Float64Array): void {
    const { known, horizon } = this;
    known.set(scalars);
    addSquare(this.shared, 0, known);
    for (let step = 0; step < horizon; step += 1) {
      const target = targets[step] as number;
      if (Number.isNaN(target)) addSquare(this.left, step * known.length * known.length, known);
      else this.addStep(step, profiles, target);
    }
    this.rows += 1;
  }

  private addStep(step: number, values: Float64Array, target: number): void {
    const { known, profiles, cross, square, scalarTargets, profileTargets } = this;
    const width = known.length;
    const first = step * profiles;
    for (let i = 0; i < width; i += 1) {
      const at = step * width + i;
      scalarTargets[at] = (scalarTargets[at] as number) + (known[i] as number) * target;
    }
    for (let j = 0; j < profiles; j += 1) {
      const value = values[first + j] as number;
      if (value === 0) continue;
      profileTargets[first + j] = (profileTargets[first + j] as number) + value * target;
      const crossAt = (first + j) * width;
      for (let i = 0; i < width; i += 1) {
        cross[crossAt + i] = (cross[crossAt + i] as number) + value * (known[i] as number);
      }
      const squareAt = (first + j) * profiles;
      for (let k = 0; k <= j; k += 1) {
        square[squareAt + k] =
          (square[squareAt + k] as number) + value * (values[first + k] as number);
      }
    }
  }

  /** Weights that minimise Σ(z − X·w)² + α·|w|², the intercept free. */
  solve(alpha: number): LinearWeights {
    const { horizon, scalars, profiles } = this;
    const weights = {
      scalarWeights: new Float64Array(horizon * scalars),
      profileWeights: new Float64Array(horizon * profiles),
      intercepts: new Float64Array(horizon),
    };
    for (let step = 0; step < horizon; step += 1) {
      const solution = this.solveStep(step, alpha);
      weights.scalarWeights.set(solution.subarray(0, scalars), step * scalars);
      weights.intercepts[step] = solution[scalars] as number;
      weights.profileWeights.set(solution.subarray(scalars + 1), step * profiles);
    }
    return weights;
  }

  private solveStep(step: number, alpha: number): Float64Array {
    const { scalars, profiles, shared, left, cross, square } = this;
    const known = scalars + 1;
    const size = known + profiles;
    const matrix = new Float64Array(size * size);
    const solution = new Float64Array(size);
    for (let row = 0; row < known; row += 1) {
      for (let column = 0; column <= row; column += 1) {
        const at = row * known + column;
        const absent = left[step * known * known + at] as number;
        matrix[row * size + column] = (shared[at] as number) - absent;
      }
    }
    for (let j = 0; j < profiles; j += 1) {
      const row = (known + j) * size;
      const from = step * profiles + j;
      matrix.set(cross.subarray(from * known, (from + 1) * known), row);
      matrix.set(square.subarray(from * profiles, from * profiles + j + 1), row + known);
    }
    for (let index = 0; index < size; index += 1) {
      const at = index * size + index;
      // The intercept is free, but for what keeps a step without any target solvable.
      matrix[at] = (matrix[at] as number) + (index === scalars ? Number.EPSILON : alpha);
    }
    solution.set(this.scalarTargets.subarray(step * known, (step + 1) * known));
    solution.set(this.profileTargets.subarray(step * profiles, (step + 1) * profiles), known);
    solveSymmetric(matrix, solution, size);
    return solution;
  }
}

/** Adds the lower half of v·vᵀ. */
export const addSquare = (sums: Float64Array, at: number, v: Float64Array): void => {
  const width = v.length;
  for (let row = 0; row < width; row += 1) {
    const value = v[row] as number;
    const first = at + row * width;
    for (let column = 0; column <= row; column += 1) {
      sums[first + column] = (sums[first + column] as number) + value * (v[column] as number);
    }
  }
};
