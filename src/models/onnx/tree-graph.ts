import { NONE, type LinearDesign } from '../linear-model.ts';
import { LEAF, type TreeEnsemble } from '../trees/tree-ensemble.ts';
import { treeInputCount } from '../trees/tree-inputs.ts';
import type { TreeModel } from '../trees/tree-model.ts';
import { LOG_OFFSET } from '../trees/tree-target.ts';
import { GraphBuilder, type ValueName } from './graph-builder.ts';
import { GraphRows } from './graph-rows.ts';
import {
  anchorOf,
  toldMeansOf,
  limitsOf,
  scaleOf,
  unlessNaN,
  whereAnchored,
} from './linear-parts.ts';
import { ELEMENT } from './onnx-proto.ts';
import { treeInputsOf, type TreeInputValues } from './tree-inputs-graph.ts';

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
  private readonly given: TreeInputValues;
  private readonly limited: (mean: ValueName) => ValueName;

  constructor(rows: GraphRows, model: TreeModel) {
    const { graph } = rows;
    const { design } = model;
    this.rows = rows;
    this.graph = graph;
    this.model = model;
    this.design = design;
    this.zero = graph.doubles([], [0]);
    this.scale = scaleOf(rows, design);
    this.known = anchorOf(rows, design);
    this.anchor = unlessNaN(graph, this.known, this.zero);
    this.given = treeInputsOf(rows, design, { scale: this.scale, anchor: this.anchor });
    const guard = (bound: ValueName, otherwise: number): ValueName =>
      unlessNaN(graph, bound, graph.doubles([], [otherwise]));
    this.limited = limitsOf(rows, { design, guard });
  }

  means(): ValueName {
    const isOfSteps = this.model.target.start === 'before';
    const means = isOfSteps ? this.stepByStep() : this.atOnce();
    return whereAnchored(this.graph, means, this.known);
  }

  /** [rows, horizon]: every step by itself. */
  private atOnce(): ValueName {
    const { graph, design, given } = this;
    const { horizon } = design;
    const count = treeInputCount(design);
    const flat = graph.node('Reshape', [given.value, graph.integers([-1, count])]);
    const sums = this.trees(flat, given.inputs);
    const values = graph.node('Reshape', [sums, graph.integers([-1, horizon])]);
    return this.limited(this.mean(this.start(), values));
  }

  /** [rows, horizon]: each step reads what those before it came to. */
  private stepByStep(): ValueName {
    const { graph, rows, scale } = this;
    const { horizon, feedback, slotMean } = this.design;
    const width = feedback.length;
    const usual = unlessNaN(graph, rows.columns(slotMean, horizon), this.anchor);
    const before = graph.node('Div', [rows.gather(feedback), scale]);
    const steps = graph.loop({ count: horizon, width, state: before }, (step, state) => {
      const own = graph.node('Gather', [usual, step], { axis: 1 });
      const last = graph.node('Mul', [new GraphRows(graph, state).columns(0, 1), scale]);
      const start = graph.node('Add', [own, unlessNaN(graph, last, this.zero)]);
      const mean = this.limited(this.mean(start, this.stepTrees(step, state)));
      const apart = graph.node('Div', [graph.node('Sub', [mean, own]), scale]);
      const others = new GraphRows(graph, state).columns(0, width - 1);
      return { state: graph.node('Concat', [apart, others], { axis: 1 }), value: mean };
    });
    const flat = graph.node('Squeeze', [steps, graph.integers([2])]);
    return graph.node('Transpose', [flat], { perm: [1, 0] });
  }

  /** [rows, 1] */
  private stepTrees(step: ValueName, state: ValueName): ValueName {
    const { graph, given, design } = this;
    const count = given.inputs.length;
    const one = graph.node('Gather', [given.value, step], { axis: 1 });
    const flat = graph.node('Reshape', [one, graph.integers([-1, count])]);
    const all = graph.node('Concat', [flat, state], { axis: 1 });
    return this.trees(all, [...given.inputs, ...design.feedback.map((_, back) => count + back)]);
  }

  /** What trees say, of a start and in units of the scale. */
  private mean(start: ValueName, values: ValueName): ValueName {
    const { graph, model, scale } = this;
    const moved = graph.node('Mul', [scale, values]);
    return model.target.link === 'identity'
      ? graph.node('Add', [start, moved])
      : this.grown(start, moved);
  }

  /** The logarithm undone. */
  private grown(start: ValueName, moved: ValueName): ValueName {
    const { graph } = this;
    const offset = graph.node('Mul', [this.scale, graph.doubles([], [LOG_OFFSET])]);
    const positive = graph.node('Max', [start, this.zero]);
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

  /** [rows, 1]: what the trees add up to, for inputs [rows, inputs] in this order. */
  private trees(inputs: ValueName, order: readonly number[]): ValueName {
    const { graph, model } = this;
    const attributes = attributesOf(model.ensemble, order);
    const sums = graph.mlNode('TreeEnsembleRegressor', [inputs], attributes);
    const wide = graph.node('Cast', [sums], { to: ELEMENT.double });
    return graph.node('Add', [wide, graph.doubles([], [model.ensemble.base])]);
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
  const means = toldMeansOf(treeMeansOf(rows, model), rows, model.design);
  return graph.finish(means, shape, metadata);
};
