// Hot file: indices are in range by construction, so typed-array reads are narrowed with `as
// number`.
import { LinearInputs, outputRange, type LinearDesign } from '../linear-model.ts';
import { ensembleValue, type TreeEnsemble } from './tree-ensemble.ts';

/**
 * mean[h] = anchor[h] + scale · ensemble(scalars, profiles[h], h), within the output range: one
 * ensemble for all steps, which reads a row as the linear models do, but for what is missing.
 */
export interface TreeModel {
  readonly design: LinearDesign;
  readonly ensemble: TreeEnsemble;
}

/** Inputs of one step: scalars, profiles, the step from 1 on. */
export const treeInputCount = ({ scalars, profiles }: LinearDesign): number =>
  scalars.length + profiles.length + 1;

/** The inputs of one row at a time, step by step; its arrays are overwritten by the next `read`. */
export class TreeInputs {
  readonly design: LinearDesign;
  /** horizon × `treeInputCount`. */
  readonly steps: Float64Array;
  /** Of the row, relative to which the inputs are. */
  readonly row: LinearInputs;

  constructor(design: LinearDesign) {
    this.design = design;
    this.row = new LinearInputs(design, (value) => value);
    this.steps = new Float64Array(design.horizon * treeInputCount(design));
  }

  read(rows: Float64Array, at: number): void {
    this.row.read(rows, at);
    this.spread();
  }

  /** Lays out what `row` has read. */
  spread(): void {
    const { design, row, steps } = this;
    const profileCount = design.profiles.length;
    let to = 0;
    for (let step = 0; step < design.horizon; step += 1) {
      steps.set(row.scalars, to);
      to += row.scalars.length;
      for (let index = 0; index < profileCount; index += 1) {
        steps[to] = row.profiles[step * profileCount + index] as number;
        to += 1;
      }
      steps[to] = step + 1;
      to += 1;
    }
  }
}

/** Means of a row that `inputs` has read; what the ONNX graph computes, in plain steps. */
export const treeMeans = (
  { design, ensemble }: TreeModel,
  inputs: TreeInputs,
  { row, at, out }: { readonly row: Float64Array; readonly at: number; readonly out: Float64Array },
): void => {
  const { floor, ceiling } = outputRange(design, row, at);
  const { anchor, scale } = inputs.row;
  const width = treeInputCount(design);
  for (let step = 0; step < design.horizon; step += 1) {
    const value = ensembleValue(ensemble, inputs.steps, step * width);
    out[step] = Math.min(ceiling, Math.max(floor, (anchor[step] as number) + scale * value));
  }
};
