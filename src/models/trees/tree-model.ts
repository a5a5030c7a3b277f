// Hot file: indices are in range by construction, so typed-array reads are narrowed with `as
// number`.
import { outputRange, type LinearDesign } from '../linear-model.ts';
import { ensembleValue, type TreeEnsemble } from './tree-ensemble.ts';
import { treeInputCount, type TreeInputs } from './tree-inputs.ts';
import { meanOf, type TreeTarget } from './tree-target.ts';

/**
 * mean[h] = what its target's terms make of ensemble(scalars, profiles[h], h), within the output
 * range: one ensemble for all steps, which reads a row as the linear models do, but for what is
 * missing. Where the design has feedback, a step also reads what the model said of those before it.
 */
export interface TreeModel {
  readonly design: LinearDesign;
  readonly target: TreeTarget;
  readonly ensemble: TreeEnsemble;
}

/**
 * Means of a row that `inputs` has read, NaN where a step lacks its anchor; what the ONNX graph
 * computes before it rounds counts.
 */
export const treeMeans = (
  { design, target: { start, link }, ensemble }: TreeModel,
  inputs: TreeInputs,
  { row, at, out }: { readonly row: Float64Array; readonly at: number; readonly out: Float64Array },
): void => {
  const { floor, ceiling } = outputRange(design, row, at);
  const width = treeInputCount(design);
  for (let step = 0; step < design.horizon; step += 1) {
    inputs.feed(step);
    const value = ensembleValue(ensemble, inputs.steps, step * width);
    const mean = meanOf(link, inputs.origin(start, step), value);
    const isKnown = inputs.row.isAnchored[step] === 1;
    const told = Math.min(ceiling, Math.max(floor, mean));
    out[step] = isKnown ? told : Number.NaN;
    inputs.follow(step, told);
  }
};
