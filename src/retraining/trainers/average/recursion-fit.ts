// Hot file: indices are in range by construction, so typed-array reads are narrowed with `as
// number`.
import { LinearInputs, usable, type LinearModel } from '../../../models/linear-model.ts';
import { unrolled, type StepRecursion } from '../../../models/step-recursion.ts';
import { solveSymmetric } from '../cholesky.ts';
import { addSquare } from '../gram.ts';
import { TrainingRows, type RowsInput } from '../training-rows.ts';

/** Strength of the penalty: a handful of weights needs but a little. */
const ALPHA = 1;

export interface RecursionFit {
  readonly model: LinearModel;
  readonly rows: number;
}

/**
 * One regression for all series, by least squares on the first step of each origin; a pure function
 * of its input. Rows that lack an input are left out: a gap taken for nothing unusual would be the
 * largest error of all, and draw the weights to zero.
 */
export const fitRecursion = (input: RowsInput, recursion: StepRecursion): RecursionFit => {
  const { design, lags, places, mean } = recursion;
  const inputs = new LinearInputs(design, (value) => value);
  const rows = new TrainingRows(input);
  // The first step reads what is known; behind the lags come the mean and the intercept.
  const read = lags.map((lag) => places.get(lag - 1) as number);
  if (mean !== undefined) read.push(mean.place);
  const x = new Float64Array(read.length + 1).fill(1);
  const equations = new NormalEquations(x.length);
  let count = 0;
  rows.visit(() => {
    inputs.read(rows.row, 0);
    const start = inputs.anchor[0] as number;
    const target = ((rows.actuals[0] as number) - start) / inputs.scale;
    if (Number.isNaN(target) || inputs.isAnchored[0] === 0) return;
    for (let index = 0; index < read.length; index += 1) {
      const value = inputs.scalars[read[index] as number] as number;
      if (Number.isNaN(value)) return;
      x[index] = usable(value);
    }
    // Cut off where inputs are: cut off nearer, what is far off would seem to come back by itself.
    equations.add(x, usable(target));
    count += 1;
  });
  const solution = equations.solve(ALPHA);
  const model = unrolled(recursion, {
    lags: solution.subarray(0, lags.length),
    mean: mean === undefined ? 0 : (solution[lags.length] as number),
    intercept: solution.at(-1) as number,
  });
  return { model, rows: count };
};

class NormalEquations {
  private readonly size: number;
  private readonly matrix: Float64Array;
  private readonly targets: Float64Array;

  constructor(size: number) {
    this.size = size;
    this.matrix = new Float64Array(size * size);
    this.targets = new Float64Array(size);
  }

  add(x: Float64Array, target: number): void {
    const { size, matrix, targets } = this;
    addSquare(matrix, 0, x);
    for (let row = 0; row < size; row += 1) {
      targets[row] = (targets[row] as number) + (x[row] as number) * target;
    }
  }

  solve(alpha: number): Float64Array {
    const { size } = this;
    const [matrix, solution] = [this.matrix.slice(), this.targets.slice()];
    for (let index = 0; index < size; index += 1) {
      const at = index * size + index;
      matrix[at] = (matrix[at] as number) + alpha;
    }
    solveSymmetric(matrix, solution, size);
    return solution;
  }
}
