import { seededRandom } from '../../core/random.ts';
import type { LinearModel } from '../../models/linear-model.ts';
import { Gram } from './gram.ts';
import { LinearRows } from './linear-rows.ts';
import type { RowsInput } from './training-rows.ts';

/**
 * Strength of the penalty; from 1 to 1,000 errors change by a thousandth on panels, and grow with
 * 1,000 on single series.
 */
const ALPHA = 100;

export interface RidgeOptions {
  readonly alpha?: number;
  /** Gives each row the targets of another one, by this seed: what a gate must reject. */
  readonly shuffleTargets?: string;
}

export interface RidgeFit {
  readonly model: LinearModel;
  readonly rows: number;
}

/** One ridge regression a step on relative targets; a pure function of its input. */
export const fitRidge = (
  input: RowsInput,
  { alpha = ALPHA, shuffleTargets }: RidgeOptions,
  report: (seriesCount: number) => void = () => undefined,
): RidgeFit => {
  const rows = new LinearRows(input);
  const gram = new Gram(rows.inputs);
  const targets = shuffleTargets === undefined ? undefined : shuffled(rows, shuffleTargets);
  rows.visit(() => {
    gram.add(rows.inputs, targets?.[gram.rows] ?? rows.targets);
  }, report);
  return { model: { design: rows.inputs.design, ...gram.solve(alpha) }, rows: gram.rows };
};

/** Fisher and Yates' shuffle of the targets of all rows. */
const shuffled = (rows: LinearRows, seed: string): readonly Float64Array[] => {
  const targets: Float64Array[] = [];
  rows.visit(() => targets.push(rows.targets.slice()));
  const random = seededRandom(seed);
  for (let index = targets.length - 1; index > 0; index -= 1) {
    const other = random.int(index + 1);
    const [one, two] = [targets[index], targets[other]];
    if (one === undefined || two === undefined) continue;
    targets[index] = two;
    targets[other] = one;
  }
  return targets;
};
