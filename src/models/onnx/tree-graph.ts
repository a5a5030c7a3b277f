import { NONE, type LinearDesign, type ProfileInput } from '../linear-model.ts';
import { LEAF, type TreeEnsemble } from '../trees/tree-ensemble.ts';
import { treeInputCount, type TreeModel } from '../trees/tree-model.ts';
import { LOG_OFFSET } from '../trees/tree-target.ts';
import { GraphBuilder, type ValueName } from './graph-builder.ts';
import { GraphRows } from './graph-rows.ts';
import {
  anchorOf,
  countsRounded,
  scaleOf,
  unlessNaN,
  whereAnchored,
  withinRange,
} from './linear-parts.ts';
import { profilesOf, scalarsOf } from './linear-weights.ts';
import { ELEMENT } from './onnx-proto.ts';

/** Inputs of the trees as a value of the graph, and which they are. */
interface Piece {
  /** [rows, horizon, inputs] */
  readonly value: ValueName;
  /** By their place among the inputs of a step. */
  readonly inputs: readonly number[];
}

/** Writes a tree model in the steps of src/models/trees/tree-model.ts. */
class TreeRows {
  private readonly rows: GraphRows;
  private readonly graph: GraphBuilder;
  private readonly model: TreeModel;
  private readonly design: LinearDesign;
  private readonly scale: ValueName;
  /** NaN where it is missing; and 0 there. */
  private readonly known: ValueName;
  private readonly anchor: ValueName;
  private readonly zero: ValueName;

  constructor(rows: GraphRows, model: TreeModel) {
    this.rows = rows;
    this.graph = rows.graph;
    this.model = model;
    this.design = model.design;
    this.zero = this.graph.doubles([], [0]);
    this.scale = scaleOf(rows, model.design);
    this.known = anchorOf(rows, model.design);
    this.anchor = unlessNaN(this.graph, this.known, this.zero);
  }

  means(): ValueName {
    const { graph, design, rows } = this;
    const moved = graph.node('Mul', [this.scale, this.ensemble()]);
    const mean = this.model.target.link === 'identity' ? this.added(moved) : this.grown(moved);
    const guard = (bound: ValueName, otherwise: number): ValueName =>
      unlessNaN(this.graph, bound, graph.doubles([], [otherwise]));
    const within = withinRange(mean, rows, { design, guard });
    return whereAnchored(graph, within, this.known);
  }

  private added(moved: ValueName): ValueName {
    return this.graph.node('Add', [this.start(), moved]);
  }

  /** The logarithm undone. */
  private grown(moved: ValueName): ValueName {
    const { graph } = this;
    const offset = graph.node('Mul', [this.scale, graph.doubles([], [LOG_OFFSET])]);
    const positive = graph.node('Max', [this.start(), this.zero]);
    const base = graph.node('Add', [positive, offset]);
    const growth = graph.node('Exp', [graph.node('Div', [moved, base])]);
    return graph.node('Sub', [graph.node('Mul', [base, growth]), offset]);
  }

  /** [rows, horizon] or [rows, 1]: what the target is relative to. */
  private start(): ValueName {
    const { model, anchor } = this;
    const own = model.target.start === 'level' ? this.level() : this.slot();
    return model.target.start === 'anchor' || own === undefined
      ? anchor
      : unlessNaN(this.graph, own, anchor);
  }

  private level(): ValueName | undefined {
    const { design, rows } = this;
    return design.level === NONE ? undefined : rows.columns(design.level, 1);
  }

  private slot(): ValueName | undefined {
    const { graph, design, rows } = this;
    const { slotMean, deviation, horizon } = design;
    if (slotMean === NONE || deviation === NONE) return undefined;
    return graph.node('Add', [rows.columns(slotMean, horizon), rows.columns(deviation, 1)]);
  }

  /** [rows, horizon]: what the trees add up to. */
  private ensemble(): ValueName {
    const { graph, design } = this;
    const pieces = [
      ...this.relative(),
      ...this.plain(),
      ...this.positions(),
      ...(['shape', 'difference', 'plain'] as const).flatMap((kind) => this.profiles(kind)),
      this.step(),
    ];
    const all = graph.node(
      'Concat',
      pieces.map(({ value }) => value),
      { axis: 2 },
    );
    const count = treeInputCount(design);
    const flat = graph.node('Reshape', [all, graph.integers([-1, count])]);
    const order = pieces.flatMap(({ inputs }) => inputs);
    const sums = graph.mlNode(
      'TreeEnsembleRegressor',
      [flat],
      attributesOf(this.model.ensemble, order),
    );
    const wide = graph.node('Cast', [sums], { to: ELEMENT.double });
    const values = graph.node('Reshape', [wide, graph.integers([-1, design.horizon])]);
    return graph.node('Add', [values, graph.doubles([], [this.model.ensemble.base])]);
  }

  /** [rows, horizon, inputs] of what is the same for all steps. */
  private everyStep(value: ValueName): ValueName {
    const { graph, design } = this;
    const one = graph.node('Unsqueeze', [value, graph.integers([1])]);
    return graph.node('Expand', [one, graph.integers([1, design.horizon, 1])]);
  }

  private relative(): readonly Piece[] {
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

  private plain(): readonly Piece[] {
    const { graph, rows, design } = this;
    const some = scalarsOf(design, 'plain');
    if (some.length === 0) return [];
    const row = (values: readonly number[]): ValueName => graph.doubles([1, some.length], values);
    const values = rows.gather(some.map(({ column }) => column));
    const centred = graph.node('Sub', [values, row(some.map(({ centre }) => centre))]);
    const unitless = graph.node('Div', [centred, row(some.map(({ spread }) => spread))]);
    return [{ value: this.everyStep(unitless), inputs: some.map(({ index }) => index) }];
  }

  private positions(): readonly Piece[] {
    const { graph, rows, design } = this;
    return profilesOf(design, 'position').map(({ index, column }) => {
      const position = graph.node('Sub', [this.anchor, rows.columns(column, 1)]);
      const unitless = graph.node('Div', [position, this.scale]);
      const value = graph.node('Unsqueeze', [unitless, graph.integers([2])]);
      return { value, inputs: [design.scalars.length + index] };
    });
  }

  private profiles(kind: Exclude<ProfileInput['kind'], 'position'>): readonly Piece[] {
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
  private step(): Piece {
    const { graph, rows, design } = this;
    const steps = Array.from({ length: design.horizon }, (_, step) => step + 1);
    const count = graph.node('Gather', [graph.node('Shape', [rows.name]), graph.integers([0])]);
    const shape = graph.node('Concat', [count, graph.integers([design.horizon, 1])], { axis: 0 });
    const column = graph.doubles([1, design.horizon, 1], steps);
    return {
      value: graph.node('Expand', [column, shape]),
      inputs: [treeInputCount(design) - 1],
    };
  }
}

/**
 * Attributes of the operator, for inputs that come in this order.
 * @see https://onnx.ai/onnx/operators/onnx_aionnxml_TreeEnsembleRegressor.html
 */
const attributesOf = (
  { roots, features, thresholds, lefts, rights, values }: TreeEnsemble,
  order: readonly number[],
) => {
  const places = new Int32Array(order.length);
  for (const [place, input] of order.entries()) places[input] = place;
  const trees = new Int32Array(features.length);
  for (const [tree, root] of roots.entries()) trees.fill(tree, root);
  // Nodes are numbered within their tree.
  const within = (node: number): number => node - (roots[trees[node] ?? 0] ?? 0);
  const nodes = Array.from(features, (_, node) => node);
  const leaves = nodes.filter((node) => features[node] === LEAF);
  const isLeaf = (node: number): boolean => features[node] === LEAF;
  const child = (children: Int32Array) => (node: number) =>
    isLeaf(node) ? 0 : within(children[node] ?? 0);
  return {
    n_targets: 1,
    nodes_treeids: trees,
    nodes_nodeids: nodes.map(within),
    nodes_featureids: nodes.map((node) => (isLeaf(node) ? 0 : (places[features[node] ?? 0] ?? 0))),
    nodes_modes: nodes.map((node) => (isLeaf(node) ? 'LEAF' : 'BRANCH_LEQ')),
    nodes_values_as_tensor: thresholds,
    nodes_truenodeids: nodes.map(child(lefts)),
    nodes_falsenodeids: nodes.map(child(rights)),
    nodes_missing_value_tracks_true: nodes.map(() => 0),
    target_treeids: leaves.map((node) => trees[node] ?? 0),
    target_nodeids: leaves.map(within),
    target_ids: leaves.map(() => 0),
    target_weights_as_tensor: Float64Array.from(leaves, (node) => values[node] ?? 0),
  };
};

/** [rows, horizon]: the means of a tree model as a part of a graph. */
export const treeMeansOf = (rows: GraphRows, model: TreeModel): ValueName =>
  new TreeRows(rows, model).means();

/**
 * A tree model as an ONNX graph: [rows, width] to [rows, horizon], float64 but for the sum of the
 * trees, which the operator gives in float32.
 */
export const treeGraph = (model: TreeModel, metadata: ReadonlyMap<string, string>): Uint8Array => {
  const graph = new GraphBuilder();
  const { width, horizon } = model.design;
  const rows = new GraphRows(graph, GraphBuilder.input);
  const shape = { inputWidth: width, outputWidth: horizon };
  const means = countsRounded(treeMeansOf(rows, model), rows, model.design);
  return graph.finish(means, shape, metadata);
};
