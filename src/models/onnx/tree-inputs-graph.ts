import { NONE, type LinearDesign, type ProfileInput } from '../linear-model.ts';
import type { GraphBuilder, ValueName } from './graph-builder.ts';
import type { GraphRows } from './graph-rows.ts';
import { profilesOf, scalarsOf } from './linear-weights.ts';

/** Inputs of the trees as a value of the graph, and which they are. */
export interface TreeInputValues {
  /** [rows, horizon, inputs] */
  readonly value: ValueName;
  /** By their place among the inputs of a step. */
  readonly inputs: readonly number[];
}

export interface TreeUnits {
  readonly scale: ValueName;
  /** [rows, horizon], 0 where it is missing. */
  readonly anchor: ValueName;
}

/** What trees read of rows, but for feedback: src/models/trees/tree-inputs.ts. */
class InputRows {
  private readonly rows: GraphRows;
  private readonly graph: GraphBuilder;
  private readonly design: LinearDesign;
  private readonly scale: ValueName;
  private readonly anchor: ValueName;

  constructor(rows: GraphRows, design: LinearDesign, { scale, anchor }: TreeUnits) {
    this.rows = rows;
    this.graph = rows.graph;
    this.design = design;
    this.scale = scale;
    this.anchor = anchor;
  }

  all(): TreeInputValues {
    const pieces = [
      ...this.relative(),
      ...this.plain(),
      ...this.positions(),
      ...(['shape', 'difference', 'plain'] as const).flatMap((kind) => this.profiles(kind)),
      this.step(),
    ];
    const value = this.graph.node(
      'Concat',
      pieces.map((piece) => piece.value),
      { axis: 2 },
    );
    return { value, inputs: pieces.flatMap(({ inputs }) => inputs) };
  }

  /** [rows, horizon, inputs] of what is the same for all steps. */
  private everyStep(value: ValueName): ValueName {
    const { graph, design } = this;
    const one = graph.node('Unsqueeze', [value, graph.integers([1])]);
    return graph.node('Expand', [one, graph.integers([1, design.horizon, 1])]);
  }

  private relative(): readonly TreeInputValues[] {
    const { graph, rows, design } = this;
    const relative = scalarsOf(design, 'relative');
    return [...new Set(relative.map(({ reference }) => reference))].map((reference) => {
      const some = relative.filter((input) => input.reference === reference);
      const values = rows.gather(some.map(({ column }) => column));
      const differences =
        reference === NONE ? values : graph.node('Sub', [values, rows.columns(reference, 1)]);
      const value = this.everyStep(graph.node('Div', [differences, this.scale]));
      return { value, inputs: some.map(({ index }) => index) };
    });
  }

  private plain(): readonly TreeInputValues[] {
    const { graph, rows, design } = this;
    const some = scalarsOf(design, 'plain');
    if (some.length === 0) return [];
    const row = (values: readonly number[]): ValueName => graph.doubles([1, some.length], values);
    const values = rows.gather(some.map(({ column }) => column));
    const centred = graph.node('Sub', [values, row(some.map(({ centre }) => centre))]);
    const unitless = graph.node('Div', [centred, row(some.map(({ spread }) => spread))]);
    return [{ value: this.everyStep(unitless), inputs: some.map(({ index }) => index) }];
  }

  private positions(): readonly TreeInputValues[] {
    const { graph, rows, design } = this;
    return profilesOf(design, 'position').map(({ index, column }) => {
      const position = graph.node('Sub', [this.anchor, rows.columns(column, 1)]);
      const unitless = graph.node('Div', [position, this.scale]);
      const value = graph.node('Unsqueeze', [unitless, graph.integers([2])]);
      return { value, inputs: [design.scalars.length + index] };
    });
  }

  private profiles(kind: Exclude<ProfileInput['kind'], 'position'>): readonly TreeInputValues[] {
    const { graph, rows, design } = this;
    const some = profilesOf(design, kind);
    if (some.length === 0) return [];
    const starts = some.map(({ column }) => column);
    const values = rows.profiles(starts, design.horizon);
    const value = graph.node('Transpose', [this.unitless(kind, values)], { perm: [0, 2, 1] });
    return [{ value, inputs: some.map(({ index }) => design.scalars.length + index) }];
  }

  /** [rows, inputs, horizon], as it came. */
  private unitless(kind: ProfileInput['kind'], values: ValueName): ValueName {
    const { graph } = this;
    if (kind === 'plain') return values;
    const wide = (value: ValueName): ValueName =>
      graph.node('Unsqueeze', [value, graph.integers([1])]);
    const relative = kind === 'shape' ? graph.node('Sub', [values, wide(this.anchor)]) : values;
    return graph.node('Div', [relative, wide(this.scale)]);
  }

  /** The number of the step, for each row. */
  private step(): TreeInputValues {
    const { graph, rows, design } = this;
    const steps = Array.from({ length: design.horizon }, (_, step) => step + 1);
    const count = graph.node('Gather', [graph.node('Shape', [rows.name]), graph.integers([0])]);
    const shape = graph.node('Concat', [count, graph.integers([design.horizon, 1])], { axis: 0 });
    const column = graph.doubles([1, design.horizon, 1], steps);
    return {
      value: graph.node('Expand', [column, shape]),
      inputs: [design.scalars.length + design.profiles.length],
    };
  }
}

export const treeInputsOf = (
  rows: GraphRows,
  design: LinearDesign,
  units: TreeUnits,
): TreeInputValues => new InputRows(rows, design, units).all();
