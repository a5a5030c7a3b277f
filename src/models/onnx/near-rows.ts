import {
  INPUT_CLIP,
  NONE,
  type LinearDesign,
  type LinearModel,
  type ProfileInput,
} from '../linear-model.ts';
import type { GraphBuilder, ValueName } from './graph-builder.ts';
import { GraphRows, profileColumns } from './graph-rows.ts';
import { clipped } from './linear-parts.ts';
import {
  diagonal,
  matrixOf,
  profileWeights,
  relativeWeights,
  scalarsOf,
  scalarWeights,
} from './linear-weights.ts';

/**
 * Rows without gaps and without inputs that are cut off. Of these the sum over all inputs that are
 * relative to the series is linear in the columns: one matrix product, in place of six passes over
 * hundreds of columns.
 */
export class NearRows {
  private readonly rows: GraphRows;
  private readonly graph: GraphBuilder;
  private readonly model: LinearModel;
  private readonly design: LinearDesign;
  private readonly scale: ValueName;
  private readonly product: ValueName;

  constructor(rows: GraphRows, model: LinearModel, scale: ValueName) {
    this.rows = rows;
    this.graph = rows.graph;
    this.model = model;
    this.design = model.design;
    this.scale = scale;
    const { width, horizon } = model.design;
    const matrix = this.graph.doubles([width, horizon], relativeWeights(model));
    this.product = this.graph.node('MatMul', [rows.name, matrix]);
  }

  /** Before they are put within the output range. */
  means(): ValueName {
    const { graph, product, scale } = this;
    return graph.node('Add', [product, graph.node('Mul', [scale, this.plainSum()])]);
  }

  /** [rows, 1]: which rows are not of this kind, so that their means are of no use. */
  others(): ValueName {
    const { graph, product } = this;
    // The product takes in every column, if only to multiply it by zero, and NaN stays NaN.
    const hasGap = graph.node('IsNaN', [new GraphRows(graph, product).columns(0, 1)]);
    const farthest = [...this.scalarDistances(), ...this.profileDistances()].map((distances) =>
      graph.node('ReduceMax', [distances], { axes: [1], keepdims: 1 }),
    );
    if (farthest.length === 0) return hasGap;
    const limit = graph.node('Mul', [this.scale, graph.doubles([], [INPUT_CLIP])]);
    const isNear = graph.node('LessOrEqual', [graph.node('Max', farthest), limit]);
    return graph.node('Or', [hasGap, graph.node('Not', [isNear])]);
  }

  /** Intercepts, and the few inputs that are no values of the series. */
  private plainSum(): ValueName {
    const { graph, rows, model } = this;
    const { horizon, profiles } = this.design;
    const scalars = this.plainScalars();
    const starts = profiles.flatMap(({ kind, column }) => (kind === 'plain' ? [column] : []));
    if (starts.length === 0) return scalars;
    const values = clipped(graph, rows.gather(profileColumns(starts, horizon)));
    const weights = profiles.flatMap(({ kind }, index) =>
      kind === 'plain' ? diagonal(profileWeights(model, index)) : [],
    );
    return graph.node('Add', [scalars, graph.node('MatMul', [values, matrixOf(graph, weights)])]);
  }

  /** Cut off before they are centred, so that weights and intercepts can do the rest. */
  private plainScalars(): ValueName {
    const { graph, rows, model } = this;
    const { horizon } = this.design;
    const inputs = scalarsOf(this.design, 'plain');
    if (inputs.length === 0) return graph.doubles([1, horizon], model.intercepts);
    const row = (limit: number): ValueName =>
      graph.doubles(
        [1, inputs.length],
        inputs.map(({ centre, spread }) => centre + limit * spread),
      );
    const values = rows.gather(inputs.map(({ column }) => column));
    const atLeast = graph.node('Max', [values, row(-INPUT_CLIP)]);
    const weights = inputs.map(({ index, spread }) =>
      scalarWeights(model, index).map((weight) => weight / spread),
    );
    const bias = model.intercepts.map((intercept, step) =>
      inputs.reduce((sum, { centre }, at) => sum - centre * (weights[at]?.[step] ?? 0), intercept),
    );
    return graph.node('Gemm', [
      graph.node('Min', [atLeast, row(INPUT_CLIP)]),
      matrixOf(graph, weights),
      graph.doubles([1, horizon], bias),
    ]);
  }

  /** |value − reference|, by a product too, as gathering columns one by one takes longer. */
  private scalarDistances(): ValueName[] {
    const { graph, rows } = this;
    const relative = scalarsOf(this.design, 'relative');
    if (relative.length === 0) return [];
    const used = relative
      .flatMap(({ column, reference }) => [column, reference])
      .filter((column) => column !== NONE);
    const from = Math.min(...used);
    const count = Math.max(...used) + 1 - from;
    const matrix = new Float64Array(count * relative.length);
    for (const [index, { column, reference }] of relative.entries()) {
      matrix[(column - from) * relative.length + index] = 1;
      if (reference !== NONE) matrix[(reference - from) * relative.length + index] = -1;
    }
    const differences = graph.node('MatMul', [
      rows.columns(from, count),
      graph.doubles([count, relative.length], matrix),
    ]);
    return [graph.node('Abs', [differences])];
  }

  /** The greatest of each step. */
  private profileDistances(): ValueName[] {
    const { graph, rows } = this;
    const { horizon, anchors, profiles } = this.design;
    const [first] = anchors;
    const anchor =
      first === undefined
        ? graph.doubles([1, horizon], new Float64Array(horizon))
        : rows.columns(first, horizon);
    const distances = [
      ...this.farFrom(anchor, 'shape'),
      ...this.farFrom(graph.doubles([], [0]), 'difference'),
      ...profiles.flatMap(({ kind, column }) => {
        if (kind !== 'position') return [];
        return [graph.node('Abs', [graph.node('Sub', [anchor, rows.columns(column, 1)])])];
      }),
    ];
    return distances.length === 0 ? [] : [graph.node('Max', distances)];
  }

  /** How far the profiles of a kind lie above and below what they are relative to. */
  private farFrom(centre: ValueName, kind: ProfileInput['kind']): ValueName[] {
    const { graph, rows, design } = this;
    const starts = design.profiles.flatMap((input) => (input.kind === kind ? [input.column] : []));
    if (starts.length === 0) return [];
    const values = rows.profiles(starts, design.horizon);
    const overProfiles = { axes: [1], keepdims: 0 };
    const least = graph.node('ReduceMin', [values], overProfiles);
    const greatest = graph.node('ReduceMax', [values], overProfiles);
    return [graph.node('Sub', [greatest, centre]), graph.node('Sub', [centre, least])];
  }
}
