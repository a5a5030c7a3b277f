// Hot file: indices are in range by construction, so typed-array reads are narrowed with `as
// number`.
import { LinearInputs, NONE, type LinearDesign } from '../linear-model.ts';
import { StepsBefore } from './steps-before.ts';
import type { Origin, TreeStart } from './tree-target.ts';

/** Inputs of one step: scalars, profiles, the step from 1 on, what those before it came to. */
export const treeInputCount = ({ scalars, profiles, feedback }: LinearDesign): number =>
  scalars.length + profiles.length + 1 + feedback.length;

/** The inputs of one row at a time, step by step; its arrays are overwritten by the next `read`. */
export class TreeInputs {
  readonly design: LinearDesign;
  /** horizon × `treeInputCount`. */
  readonly steps: Float64Array;
  /** Of the row, relative to which the inputs are. */
  readonly row: LinearInputs;
  /** By step, where targets that are told relative to it begin; NaN where that is missing. */
  private readonly starts: Readonly<Record<'level' | 'slot', Float64Array>>;
  private readonly before: StepsBefore;

  constructor(design: LinearDesign) {
    this.design = design;
    this.row = new LinearInputs(design, (value) => value);
    this.steps = new Float64Array(design.horizon * treeInputCount(design));
    const { horizon } = design;
    this.starts = { level: new Float64Array(horizon), slot: new Float64Array(horizon) };
    this.before = new StepsBefore(design);
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
    this.before.read(this.row, rows, at);
  }

  /** Takes in what a step (0 first) came to, or is forecast to: the steps after it read it. */
  follow(step: number, value: number): void {
    this.before.follow(step, value, this.row.scale);
  }

  /** Lays out, for a step, what those before it came to; nothing in a design without feedback. */
  feed(step: number): void {
    const count = treeInputCount(this.design);
    this.before.write(step, this.steps, (step + 1) * count - this.design.feedback.length);
  }

  /** Where a step begins (0 first): at the anchor too, where nothing else is known. */
  origin(start: TreeStart, step: number): Origin {
    const { row } = this;
    const own = this.startOf(start, step);
    return { start: Number.isNaN(own) ? (row.anchor[step] as number) : own, scale: row.scale };
  }

  private startOf(start: TreeStart, step: number): number {
    if (start === 'anchor') return Number.NaN;
    if (start === 'before') return this.before.start(step, this.row.scale);
    return this.starts[start][step] as number;
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
      to += 1 + design.feedback.length;
    }
  }
}
