// Hot file: indices are in range by construction, so typed-array reads are narrowed with `as
// number`.
import { NONE, type LinearDesign, type LinearInputs } from '../linear-model.ts';

/**
 * How far a series was off the means of its slots, in units of its scale: in its latest periods,
 * as the row tells, and behind them step by step, as it came or as it is forecast.
 */
export class StepsBefore {
  private readonly design: LinearDesign;
  /** The latest periods, oldest first, and then the steps. */
  private readonly apart: Float64Array;
  /** By step: the mean of its slot, or its anchor where that is missing. */
  private readonly usual: Float64Array;

  constructor(design: LinearDesign) {
    this.design = design;
    this.apart = new Float64Array(design.feedback.length + design.horizon);
    this.usual = new Float64Array(design.horizon);
  }

  /** `inputs` have read the same row. */
  read({ anchor, scale }: LinearInputs, rows: Float64Array, at: number): void {
    const { apart, usual } = this;
    const { feedback, slotMean } = this.design;
    for (const [back, column] of feedback.entries()) {
      apart[feedback.length - 1 - back] = (rows[at + column] as number) / scale;
    }
    for (let step = 0; step < usual.length; step += 1) {
      const mean = slotMean === NONE ? Number.NaN : (rows[at + slotMean + step] as number);
      usual[step] = Number.isNaN(mean) ? (anchor[step] as number) : mean;
    }
  }

  follow(step: number, value: number, scale: number): void {
    const { apart, usual, design } = this;
    apart[design.feedback.length + step] = (value - (usual[step] as number)) / scale;
  }

  /** What is usual, moved by what the step before was off that; NaN without feedback. */
  start(step: number, scale: number): number {
    const known = this.design.feedback.length;
    if (known === 0) return Number.NaN;
    const last = this.apart[known + step - 1] as number;
    return (this.usual[step] as number) + (Number.isNaN(last) ? 0 : last * scale);
  }

  /** The last one first, from `at` on. */
  write(step: number, out: Float64Array, at: number): void {
    const { apart, design } = this;
    const count = design.feedback.length;
    for (let back = 0; back < count; back += 1) {
      out[at + back] = apart[count + step - 1 - back] as number;
    }
  }
}
