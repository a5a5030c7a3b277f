import { NONE, type LinearDesign, type LinearModel, type ProfileInput } from '../linear-model.ts';
import type { GraphBuilder, ValueName } from './graph-builder.ts';
import type { GraphRows } from './graph-rows.ts';
import { anchorOf, clipped, limitsOf, scaleOf, unlessNaN, whereAnchored } from './linear-parts.ts';
import {
  matrixOf,
  profilesOf,
  profileSum,
  profileWeights,
  scalarsOf,
  scalarWeights,
} from './linear-weights.ts';

/** The kinds of profiles that are read step by step. */
type StepKind = Exclude<ProfileInput['kind'], 'position'>;

/** Rows with and without gaps and outliers, in the steps of src/models/linear-model.ts. */
export class AnyRows {
  private readonly rows: GraphRows;
  private readonly graph: GraphBuilder;
  private readonly model: LinearModel;
  private readonly design: LinearDesign;
  private readonly zero: ValueName;
  private readonly scale: ValueName;
  private readonly reciprocal: ValueName;
  /** NaN where it is missing; and 0 there. */
  private readonly known: ValueName;
  private readonly anchor: ValueName;

  constructor(rows: GraphRows, model: LinearModel) {
    const { graph } = rows;
    this.rows = rows;
    this.graph = graph;
    this.model = model;
    this.design = model.design;
    this.zero = graph.doubles([], [0]);
    this.scale = scaleOf(rows, model.design);
    this.reciprocal = graph.node('Div', [graph.doubles([], [1]), this.scale]);
    this.known = anchorOf(rows, model.design);
    this.anchor = unlessNaN(this.graph, this.known, this.zero);
  }

  means(): ValueName {
    const { graph, design } = this;
    let sum = graph.doubles([1, design.horizon], this.model.intercepts);
    const terms = [
      ...this.relativeTerms(),
      ...this.plainTerms(),
      ...this.positionTerms(),
      ...(['shape', 'difference', 'plain'] as const).flatMap((kind) => this.profileTerms(kind)),
    ];
    for (const term of terms) sum = graph.node('Add', [sum, term]);
    const mean = graph.node('Add', [this.anchor, graph.node('Mul', [this.scale, sum])]);
    const guard = (bound: ValueName, otherwise: number): ValueName =>
      unlessNaN(this.graph, bound, graph.doubles([], [otherwise]));
    const within = limitsOf(this.rows, { design, guard })(mean);
    return whereAnchored(graph, within, this.known);
  }

  /** What all inputs go through: missing is 0, and nothing is far out. */
  private usable(value: ValueName): ValueName {
    return clipped(this.graph, unlessNaN(this.graph, value, this.zero));
  }

  /** Multiplies by the reciprocal: a row has one, and hundreds of values. */
  private perScale(values: ValueName): ValueName {
    return this.graph.node('Mul', [values, this.reciprocal]);
  }

  private weighted(values: ValueName, weights: readonly Float64Array[]): ValueName {
    return this.graph.node('MatMul', [this.usable(values), matrixOf(this.graph, weights)]);
  }

  private relativeTerms(): ValueName[] {
    const { graph, rows, model } = this;
    const relative = scalarsOf(this.design, 'relative');
    const references = [...new Set(relative.map(({ reference }) => reference))];
    return references.map((reference) => {
      const inputs = relative.filter((input) => input.reference === reference);
      const values = rows.gather(inputs.map(({ column }) => column));
      const differences =
        reference === NONE ? values : graph.node('Sub', [values, rows.columns(reference, 1)]);
      const weights = inputs.map(({ index }) => scalarWeights(model, index));
      return this.weighted(this.perScale(differences), weights);
    });
  }

  private plainTerms(): ValueName[] {
    const { graph, rows, model } = this;
    const inputs = scalarsOf(this.design, 'plain');
    if (inputs.length === 0) return [];
    const row = (values: readonly number[]): ValueName => graph.doubles([1, inputs.length], values);
    const values = rows.gather(inputs.map(({ column }) => column));
    const centred = graph.node('Sub', [values, row(inputs.map(({ centre }) => centre))]);
    const unitless = graph.node('Div', [centred, row(inputs.map(({ spread }) => spread))]);
    const weights = inputs.map(({ index }) => scalarWeights(model, index));
    return [this.weighted(unitless, weights)];
  }

  private positionTerms(): ValueName[] {
    const { graph, rows, model } = this;
    return profilesOf(model.design, 'position').map(({ index, column }) => {
      const position = graph.node('Sub', [this.anchor, rows.columns(column, 1)]);
      const weights = graph.doubles([1, model.design.horizon], profileWeights(model, index));
      return graph.node('Mul', [this.usable(this.perScale(position)), weights]);
    });
  }

  private profileTerms(kind: StepKind): ValueName[] {
    const { graph, rows, model } = this;
    const inputs = profilesOf(model.design, kind);
    if (inputs.length === 0) return [];
    const starts = inputs.map(({ column }) => column);
    const values = this.unitless(kind, rows.profiles(starts, model.design.horizon));
    const weights = inputs.map(({ index }) => profileWeights(model, index));
    return [profileSum(graph, this.usable(values), weights)];
  }

  /** [rows, inputs, horizon], as it came. */
  private unitless(kind: StepKind, values: ValueName): ValueName {
    const { graph } = this;
    if (kind === 'plain') return values;
    const [anchor, reciprocal] = [this.anchor, this.reciprocal].map((value) =>
      graph.node('Unsqueeze', [value, graph.integers([1])]),
    );
    const relative = kind === 'shape' ? graph.node('Sub', [values, anchor ?? '']) : values;
    return graph.node('Mul', [relative, reciprocal ?? '']);
  }
}
