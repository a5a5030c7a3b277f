// Hot file: indices are in range by construction, so typed-array reads are narrowed with `as
// number`.
import { LinearInputs, TARGET_CLIP } from '../../models/linear-model.ts';
import { linearDesignOf } from './row-designs.ts';
import { TrainingRows, type RowsInput } from './training-rows.ts';

/** Training rows as a linear model reads them. */
export class LinearRows {
  readonly inputs: LinearInputs;
  /** Relative targets of the row, NaN where there is none. */
  readonly targets: Float64Array;
  private readonly rows: TrainingRows;

  constructor(input: RowsInput) {
    this.inputs = new LinearInputs(linearDesignOf(input));
    this.targets = new Float64Array(input.featureSchema.horizon);
    this.rows = new TrainingRows(input);
  }

  /**
   * Calls `visit` when `inputs` and `targets` hold the next row; `done` after each series with the
   * number of them.
   */
  visit(visit: () => void, done?: (seriesCount: number) => void): void {
    this.rows.visit(() => {
      this.inputs.read(this.rows.row, 0);
      if (this.readTargets()) visit();
    }, done);
  }

  /** False if the row teaches nothing. */
  private readTargets(): boolean {
    const { targets, inputs, rows } = this;
    let isKnown = false;
    for (let step = 0; step < targets.length; step += 1) {
      const actual = inputs.isAnchored[step] === 1 ? (rows.actuals[step] as number) : Number.NaN;
      const target = (actual - (inputs.anchor[step] as number)) / inputs.scale;
      targets[step] = Math.min(TARGET_CLIP, Math.max(-TARGET_CLIP, target));
      isKnown ||= !Number.isNaN(target);
    }
    return isKnown;
  }
}
