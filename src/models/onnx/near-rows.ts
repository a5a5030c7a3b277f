import { INPUT_CLIP, NONE, type LinearDesign, type LinearModel } from '../linear-model.ts';
import type { GraphBuilder, ValueName } from './graph-builder.ts';
import type { GraphRows } from './graph-rows.ts';
import { clipped, startsOf } from './linear-parts.ts';
import {
  anchorWeights,
  columnWeights,
  matrixOf,
  profilesOf,
  profileSum,
  profileWeights,
  scalarsOf,
  scalarWeights,
} from './linear-weights.ts';

/**
 * Rows without gaps and without inputs that are cut off. Of these the sum over all inputs that are
 * relative to the series is linear in the columns, and needs no scale: they are divided by it and
 * then multiplied by it. That spares four passes over hundreds of columns.
 */
export class NearRows {
  private readonly rows: GraphRows;
  private readonly graph: GraphBuilder;
  private readonly model: LinearModel;
  private readonly design: LinearDesign;
  private readonly scale: ValueName;
  private readonly anchor: ValueName;
  private readonly relative: ValueName;

  constructor(rows: GraphRows, model: LinearModel, scale: ValueName) {
    const { horizon } = model.design;
    const [first] = startsOf(rows, model.design);
    this.rows = rows;
    this.graph = rows.graph;
    this.model = model;
    this.design = model.design;
    this.scale = scale;
    this.anchor = first ?? this.graph.doubles([1, horizon], new Float64Array(horizon));
    this.relative = this.relativeSum();
  }

  /** Before they are put within the output range. */
  means(): ValueName {
    const { graph, relative, scale } = this;
    return graph.node('Add', [relative, graph.node('Mul', [scale, this.plainSum()])]);
  }

  /** [rows, 1]: which rows are not of this kind, so that their means are of no use. */
  others(): ValueName {
    const { graph } = this;
    const hasGap = this.hasGap();
    const farthest = [...this.scalarDistances(), ...this.profileDistances()].map((distances) =>
      graph.node('ReduceMax', [distances], { axes: [1], keepdims: 1 }),
    );
    if (farthest.length === 0) return hasGap;
    const limit = graph.node('Mul', [this.scale, graph.doubles([], [INPUT_CLIP])]);
    const isNear = graph.node('LessOrEqual', [graph.node('Max', farthest), limit]);
    return graph.node('Or', [hasGap, graph.node('Not', [isNear])]);
  }

  /** The anchor, and all inputs that are relative to it or to another column. */
  private relativeSum(): ValueName {
    const { graph, model } = this;
    const { horizon } = this.design;
    const weights = graph.doubles([1, horizon], anchorWeights(model));
    const terms = [
      graph.node('Mul', [this.anchor, weights]),
      ...this.columnTerms(),
      ...(['shape', 'difference'] as const).flatMap((kind) => {
        const inputs = profilesOf(this.design, kind);
        if (inputs.length === 0) return [];
        const values = this.profiles(inputs);
        return [
          profileSum(
            graph,
            values,
            inputs.map(({ index }) => profileWeights(model, index)),
          ),
        ];
      }),
    ];
    return terms.reduce((sum, term) => graph.node('Add', [sum, term]));
  }

  private profiles(inputs: readonly { readonly column: number }[]): ValueName {
    return this.rows.profiles(
      inputs.map(({ column }) => column),
      this.design.horizon,
    );
  }

  /** All columns from the first to the last of those that are the same for all steps. */
  private get span(): { readonly from: number; readonly count: number } {
    const { scale, least, greatest, scalars } = this.design;
    const used = [
      ...[scale, least, greatest],
      ...scalars.map(({ column }) => column),
      ...columnWeights(this.model).map(([column]) => column),
    ].filter((column) => column !== NONE);
    const from = used.length === 0 ? 0 : Math.min(...used);
    return { from, count: used.length === 0 ? 0 : Math.max(...used) + 1 - from };
  }

  /** Takes in every column of the span, if only to multiply it by zero: NaN stays NaN. */
  private columnTerms(): ValueName[] {
    const { graph, rows, model } = this;
    const { horizon } = this.design;
    const { from, count } = this.span;
    if (count === 0) return [];
    const sums = new Float64Array(count * horizon);
    for (const [column, weights] of columnWeights(model)) {
      if (column === NONE) continue;
      for (const [step, weight] of weights.entries()) {
        const at = (column - from) * horizon + step;
        sums[at] = (sums[at] ?? 0) + weight;
      }
    }
    const matrix = graph.doubles([count, horizon], sums);
    return [graph.node('MatMul', [rows.columns(from, count), matrix])];
  }

  /** Sums tell, since one NaN makes them NaN; those of plain profiles before they are cut off. */
  private hasGap(): ValueName {
    const { graph } = this;
    const inputs = profilesOf(this.design, 'plain');
    const sums = [graph.node('ReduceSum', [this.relative, graph.integers([1])], { keepdims: 1 })];
    if (inputs.length > 0) {
      const flat = graph.node('Reshape', [
        this.profiles(inputs),
        graph.integers([0, inputs.length * this.design.horizon]),
      ]);
      sums.push(graph.node('ReduceSum', [flat, graph.integers([1])], { keepdims: 1 }));
    }
    return graph.node('IsNaN', [sums.reduce((sum, other) => graph.node('Add', [sum, other]))]);
  }

  /** Intercepts, and the few inputs that are no values of the series. */
  private plainSum(): ValueName {
    const { graph, model } = this;
    const scalars = this.plainScalars();
    const inputs = profilesOf(this.design, 'plain');
    if (inputs.length === 0) return scalars;
    const weights = inputs.map(({ index }) => profileWeights(model, index));
    const sum = profileSum(graph, clipped(graph, this.profiles(inputs)), weights);
    return graph.node('Add', [scalars, sum]);
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

  /** |value − reference|, by a product, as gathering columns one by one takes longer. */
  private scalarDistances(): ValueName[] {
    const { graph, rows } = this;
    const relative = scalarsOf(this.design, 'relative');
    if (relative.length === 0) return [];
    const { from, count } = this.span;
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
    const { graph, rows, anchor } = this;
    const distances = [
      ...this.farFrom(anchor, 'shape'),
      ...this.farFrom(graph.doubles([], [0]), 'difference'),
      ...profilesOf(this.design, 'position').map(({ column }) =>
        graph.node('Abs', [graph.node('Sub', [anchor, rows.columns(column, 1)])]),
      ),
    ];
    return distances.length === 0 ? [] : [graph.node('Max', distances)];
  }

  /** How far the profiles of a kind lie above and below what they are relative to. */
  private farFrom(centre: ValueName, kind: 'shape' | 'difference'): ValueName[] {
    const { graph } = this;
    const inputs = profilesOf(this.design, kind);
    if (inputs.length === 0) return [];
    const values = this.profiles(inputs);
    const overProfiles = { axes: [1], keepdims: 0 };
    const least = graph.node('ReduceMin', [values], overProfiles);
    const greatest = graph.node('ReduceMax', [values], overProfiles);
    return [graph.node('Sub', [greatest, centre]), graph.node('Sub', [centre, least])];
  }
}
