// Hot file: indices are in range by construction, so typed-array reads are narrowed with `as
// number`.
import type { LinearDesign } from '../../../models/linear-model.ts';
import { TreeInputs, treeInputCount } from '../../../models/trees/tree-inputs.ts';
import { TREE_STARTS, valueOf, type TreeTarget } from '../../../models/trees/tree-target.ts';
import { relativeDesign } from '../row-designs.ts';
import { isTaken, rowsSpread } from '../spread-pairs.ts';
import { TrainingRows, type RowsInput } from '../training-rows.ts';
import { BIN_SAMPLE, binOf, edgesOf } from './bins.ts';

/** Targets, in whatever terms, are cut at it. */
export const TARGET_CLIP = 20;

/** Pairs of an origin and a step, input by input in bins; what trees of all targets learn from. */
export interface Samples {
  readonly design: LinearDesign;
  readonly count: number;
  /** Rows that they were made of. */
  readonly rows: number;
  readonly actuals: Float64Array;
  readonly scales: Float64Array;
  readonly starts: Readonly<Record<TreeTarget['start'], Float64Array>>;
  /** By input: the bin of each sample. */
  readonly columns: readonly Uint8Array[];
  readonly edges: readonly Float64Array[];
}

export interface SamplesOptions {
  /** Samples that are enough: origins are left out until there are no more. */
  readonly enough: number;
  /** How they are read: relative to each step's anchor if absent. */
  readonly design?: LinearDesign;
}

/** What trees learn of each sample, in these terms. */
export const targetsOf = (
  { actuals, scales, starts, count }: Samples,
  { start, link }: TreeTarget,
): Float64Array => {
  const from = starts[start];
  return Float64Array.from({ length: count }, (_, sample) => {
    const origin = { start: from[sample] as number, scale: scales[sample] as number };
    const value = valueOf(link, origin, actuals[sample] as number);
    return Math.min(TARGET_CLIP, Math.max(-TARGET_CLIP, value));
  });
};

/** Pairs of an origin and a step that are learnt from. */
export class SampleRows {
  readonly inputs: TreeInputs;
  private readonly rows: TrainingRows;
  /** Of the pairs, that which is taken. */
  private readonly share: number;

  constructor(input: RowsInput, { enough, design = relativeDesign(input) }: SamplesOptions) {
    const { horizon } = design;
    this.inputs = new TreeInputs(design);
    this.rows = new TrainingRows(input, rowsSpread(enough, horizon));
    this.share = enough / Math.max(1, this.rows.count * horizon);
  }

  /** Calls `take` with the step (0 first) and the actual of each sample; counts rows. */
  visit(take: (step: number, actual: number) => void): number {
    const { rows, inputs, share } = this;
    let count = 0;
    let row = 0;
    rows.visit(() => {
      inputs.read(rows.row, 0);
      let isUsed = false;
      for (const [step, actual] of rows.actuals.entries()) {
        inputs.feed(step);
        inputs.follow(step, actual);
        if (!isTaken(share, row, step)) continue;
        if (inputs.row.isAnchored[step] !== 1 || Number.isNaN(actual)) continue;
        take(step, actual);
        isUsed = true;
      }
      row += 1;
      if (isUsed) count += 1;
    });
    return count;
  }
}

/** Reads all rows three times: to count, to see what values there are, to put them into bins. */
export const samplesOf = (input: RowsInput, options: SamplesOptions): Samples => {
  const rows = new SampleRows(input, options);
  const { inputs } = rows;
  const { edges, count } = look(rows);
  const columns = edges.map(() => new Uint8Array(count));
  const column = (): Float64Array => new Float64Array(count);
  const [actuals, scales] = [column(), column()];
  const starts = { anchor: column(), level: column(), slot: column(), before: column() };
  let sample = 0;
  const rowCount = rows.visit((step, actual) => {
    const at = step * edges.length;
    actuals[sample] = actual;
    scales[sample] = inputs.row.scale;
    for (const start of TREE_STARTS) starts[start][sample] = inputs.origin(start, step).start;
    for (let index = 0; index < edges.length; index += 1) {
      const value = inputs.steps[at + index] as number;
      (columns[index] as Uint8Array)[sample] = binOf(edges[index] as Float64Array, value);
    }
    sample += 1;
  });
  return { design: inputs.design, count, rows: rowCount, actuals, scales, starts, columns, edges };
};

/** Evenly spread, from a first look at how many there are. */
const look = (
  rows: SampleRows,
): { readonly edges: readonly Float64Array[]; readonly count: number } => {
  let count = 0;
  rows.visit(() => {
    count += 1;
  });
  const { inputs } = rows;
  const width = treeInputCount(inputs.design);
  const every = Math.max(1, Math.floor(count / BIN_SAMPLE));
  const kept = Array.from({ length: width }, () => new Float64Array(Math.ceil(count / every)));
  let sample = 0;
  rows.visit((step) => {
    if (sample % every === 0) {
      for (const [index, values] of kept.entries()) {
        values[sample / every] = inputs.steps[step * width + index] as number;
      }
    }
    sample += 1;
  });
  return { edges: kept.map(edgesOf), count };
};
