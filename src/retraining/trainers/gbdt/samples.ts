// Hot file: indices are in range by construction, so typed-array reads are narrowed with `as
// number`.
import { TreeInputs, treeInputCount } from '../../../models/trees/tree-model.ts';
import { linearDesign } from '../../../models/linear-design.ts';
import type { LinearDesign } from '../../../models/linear-model.ts';
import { TrainingRows, type RowsInput } from '../training-rows.ts';
import { BIN_SAMPLE, binOf, edgesOf } from './bins.ts';

/** Relative targets are cut at it. */
const TARGET_CLIP = 20;

/** Pairs of an origin and a step, input by input in bins. */
export interface Samples {
  readonly design: LinearDesign;
  readonly count: number;
  /** Rows that they were made of. */
  readonly rows: number;
  readonly targets: Float64Array;
  /** By input: the bin of each sample. */
  readonly columns: readonly Uint8Array[];
  readonly edges: readonly Float64Array[];
}

export interface SamplesOptions {
  /** Samples that are enough: origins are left out until there are no more. */
  readonly enough: number;
}

/** Calls `take` with the place of the inputs and the target of each sample. */
const visit = (
  rows: TrainingRows,
  inputs: TreeInputs,
  take: (at: number, target: number) => void,
): number => {
  const width = treeInputCount(inputs.design);
  let count = 0;
  rows.visit(() => {
    count += 1;
    inputs.spread();
    for (const [step, target] of rows.targets.entries()) {
      if (!Number.isNaN(target)) take(step * width, target);
    }
  });
  return count;
};

/** Reads all rows three times: to count, to see what values there are, to put them into bins. */
export const samplesOf = (input: RowsInput, { enough }: SamplesOptions): Samples => {
  const design = linearDesign(input.featureSchema);
  const inputs = new TreeInputs(design);
  const rowsEnough = Math.max(1, Math.floor(enough / design.horizon));
  const rows = new TrainingRows(input, {
    ...{ inputs: inputs.row, rowsEnough, targetClip: TARGET_CLIP },
  });
  const { edges, count } = look(rows, inputs);
  const columns = edges.map(() => new Uint8Array(count));
  const targets = new Float64Array(count);
  let sample = 0;
  const rowCount = visit(rows, inputs, (at, target) => {
    targets[sample] = target;
    for (let index = 0; index < edges.length; index += 1) {
      const value = inputs.steps[at + index] as number;
      (columns[index] as Uint8Array)[sample] = binOf(edges[index] as Float64Array, value);
    }
    sample += 1;
  });
  return { design, count, rows: rowCount, targets, columns, edges };
};

/** Evenly spread, from a first look at how many there are. */
const look = (
  rows: TrainingRows,
  inputs: TreeInputs,
): { readonly edges: readonly Float64Array[]; readonly count: number } => {
  let count = 0;
  visit(rows, inputs, () => {
    count += 1;
  });
  const width = treeInputCount(inputs.design);
  const every = Math.max(1, Math.floor(count / BIN_SAMPLE));
  const kept = Array.from({ length: width }, () => new Float64Array(Math.ceil(count / every)));
  let sample = 0;
  visit(rows, inputs, (at) => {
    if (sample % every === 0) {
      for (const [index, values] of kept.entries()) {
        values[sample / every] = inputs.steps[at + index] as number;
      }
    }
    sample += 1;
  });
  return { edges: kept.map(edgesOf), count };
};
