// Hot file: indices are in range by construction, so typed-array reads are narrowed with `as
// number`.
import { LinearInputs, NONE, outputRange, type LinearDesign } from '../linear-model.ts';
import { ensembleValue, type TreeEnsemble } from './tree-ensemble.ts';
import { meanOf, type Origin, type TreeStart, type TreeTarget } from './tree-target.ts';

/**
 * mean[h] = what its target's terms make of ensemble(scalars, profiles[h], h), within the output
 * range: one ensemble for all steps, which reads a row as the linear models do, but for what is
 * missing.
 */
export interface TreeModel {
  readonly design: LinearDesign;
  readonly target: TreeTarget;
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
  /** By step, where targets that are told relative to it begin; NaN where that is missing. */
  private readonly starts: Readonly<Record<Exclude<TreeStart, 'anchor'>, Float64Array>>;

  constructor(design: LinearDesign) {
    this.design = design;
    this.row = new LinearInputs(design, (value) => value);
    this.steps = new Float64Array(design.horizon * treeInputCount(design));
    const { horizon } = design;
    this.starts = { level: new Float64Array(horizon), slot: new Float64Array(horizon) };
  }

  read(rows: Float64Array, at: number): void {
    const { level, slotMean, deviation, horizon } = this.design;
    this.row.read(rows, at);
    this.starts.level.fill(level === NONE ? Number.NaN : (rows[at + level] as number));
    const hasSlot = slotMean !== NONE && deviation !== NONE;
    const moved = hasSlot ? (rows[at + deviation] as number) : Number.NaN;
    for (let step = 0; step < horizon; step += 1) {
      this.starts.slot[step] = hasSlot ? (rows[at + slotMean + step] as number) + moved : moved;
    }
    this.spread();
  }

  /** Where a step begins (0 first): at the anchor too, where nothing else is known. */
  origin(start: TreeStart, step: number): Origin {
    const { starts, row } = this;
    const own = start === 'anchor' ? Number.NaN : (starts[start][step] as number);
    return { start: Number.isNaN(own) ? (row.anchor[step] as number) : own, scale: row.scale };
  }

  /** Lays out what `row` has read. */
  private spread(): void {
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
    const value = ensembleValue(ensemble, inputs.steps, step * width);
    const mean = meanOf(link, inputs.origin(start, step), value);
    const isKnown = inputs.row.isAnchored[step] === 1;
    out[step] = isKnown ? Math.min(ceiling, Math.max(floor, mean)) : Number.NaN;
  }
};
