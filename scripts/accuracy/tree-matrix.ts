import { panelOf, usualFeatures } from '../../src/cli/backtest/panel-features.ts';
import { readPanel } from '../../src/cli/backtest/panel-file.ts';
import { NpyFile } from '../../src/cli/train/npy-file.ts';
import { frequencyDefaults } from '../../src/config/frequency-defaults.ts';
import { parseFrequency } from '../../src/core/frequency.ts';
import { endOf } from '../../src/evaluation/history.ts';
import { treeDesign } from '../../src/models/linear-design.ts';
import { treeInputCount } from '../../src/models/trees/tree-inputs.ts';
import { valueOf, type TreeTarget } from '../../src/models/trees/tree-target.ts';
import { TARGET_CLIP, SampleRows } from '../../src/retraining/trainers/gbdt/samples.ts';
import { seesYear } from '../../src/retraining/trainers/row-designs.ts';
import type { RowsInput } from '../../src/retraining/trainers/training-rows.ts';

/** A prepared table, and what a backtest of it is told. */
export interface Table {
  readonly file: string;
  readonly frequency: string;
  readonly timeZone: string;
  readonly holidays: string;
}

/** A table, divided into what is learnt from and what a model is held to. */
export interface Divided {
  readonly learnt: RowsInput;
  readonly heldOut: RowsInput;
  /** Whether what is learnt from spans a year; both are read alike. */
  readonly readsYear: boolean;
}

/** Target periods at the end that nothing is learnt from: four weeks. */
const HELD_OUT_WEEKS = 4;
export const TARGET: TreeTarget = { start: 'anchor', link: 'identity' };

/** Reads a table as `tidecast backtest` does, with the features that a stream has by default. */
export const divide = async (table: Table): Promise<Divided> => {
  const { file, timeZone, holidays: region } = table;
  const frequency = parseFrequency(table.frequency, timeZone);
  const columns = { series: 'series', time: 'time', value: 'value' };
  const { series } = await readPanel(file, columns, frequency);
  const panel = panelOf(series, frequency, region);
  const { seasons, horizon } = frequencyDefaults(frequency);
  const featureSchema = usualFeatures(frequency, panel, { seasons, horizon, hasClock: true });
  const end = endOf(series);
  const cut = end - HELD_OUT_WEEKS * (seasons.at(-1) ?? 1);
  const all = { featureSchema, ...panel };
  const learnt = { ...all, fromPeriod: 0, toPeriod: cut };
  const readsYear = seesYear(learnt);
  return { learnt, heldOut: { ...all, fromPeriod: cut, toPeriod: end }, readsYear };
};

/** Calls `take` with the inputs and the target of each sample that trees learn from. */
export const visitMatrix = (
  input: RowsInput,
  { readsYear, enough }: { readonly readsYear: boolean; readonly enough: number },
  take: (inputs: Float64Array, target: number) => void,
): void => {
  const design = treeDesign(input.featureSchema, { readsYear });
  const width = treeInputCount(design);
  const rows = new SampleRows(input, { enough, design });
  const { inputs } = rows;
  rows.visit((step, actual) => {
    const target = valueOf(TARGET.link, inputs.origin(TARGET.start, step), actual);
    const clipped = Math.min(TARGET_CLIP, Math.max(-TARGET_CLIP, target));
    take(inputs.steps.subarray(step * width, (step + 1) * width), clipped);
  });
};

/** Writes `<path>.inputs.npy` and `<path>.targets.npy`; returns how many samples these are. */
export const writeMatrix = (
  path: string,
  input: RowsInput,
  options: { readonly readsYear: boolean; readonly enough: number },
): number => {
  const { readsYear } = options;
  const width = treeInputCount(treeDesign(input.featureSchema, { readsYear }));
  const inputs = new NpyFile(`${path}.inputs.npy`, width);
  const targets = new NpyFile(`${path}.targets.npy`, 1);
  visitMatrix(input, options, (row, target) => {
    inputs.append(row);
    targets.append(Float64Array.of(target));
  });
  inputs.close();
  targets.close();
  return inputs.rows;
};
