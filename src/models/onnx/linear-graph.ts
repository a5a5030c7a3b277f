import {
  INPUT_CLIP,
  NONE,
  SCALE_MIN,
  type LinearDesign,
  type LinearModel,
  type ProfileInput,
  type ScalarInput,
} from '../linear-model.ts';
import { REACH } from '../output-range.ts';
import { GraphBuilder, type ValueName } from './graph-builder.ts';

type Indexed<Input> = readonly { readonly input: Input; readonly index: number }[];
type Relative = Extract<ScalarInput, { kind: 'relative' }>;
type Plain = Extract<ScalarInput, { kind: 'plain' }>;

/** A linear model as an ONNX graph of float64: [rows, width] to [rows, horizon]. */
export const linearGraph = (
  model: LinearModel,
  metadata: ReadonlyMap<string, string>,
): Uint8Array => {
  const writer = new LinearGraphWriter(model);
  const { width, horizon } = model.design;
  const shape = { inputWidth: width, outputWidth: horizon };
  return writer.graph.finish(writer.means(), shape, metadata);
};

class LinearGraphWriter {
  readonly graph = new GraphBuilder();
  private readonly model: LinearModel;
  private readonly design: LinearDesign;
  private readonly zero: ValueName;
  /** Of the branch that is being written; only the one for rows with gaps fills them. */
  private fillsGaps = true;
  private scale: ValueName = '';
  private reciprocal: ValueName = '';
  private anchor: ValueName = '';

  constructor(model: LinearModel) {
    this.model = model;
    this.design = model.design;
    this.zero = this.graph.doubles([], [0]);
  }

  /**
   * Looking for gaps and filling them takes a third of the time, and rows seldom have any: a sum
   * over the input tells, since one NaN makes it NaN. Both branches do the same arithmetic on rows
   * without gaps, so which one runs does not show.
   */
  means(): ValueName {
    const { graph } = this;
    const total = graph.node('ReduceSum', [GraphBuilder.input], { keepdims: 0 });
    const hasGaps = graph.node('IsNaN', [total]);
    const branches = [true, false].map((fillsGaps) => () => this.branchMeans(fillsGaps));
    return graph.either(hasGaps, branches, this.design.horizon);
  }

  private branchMeans(fillsGaps: boolean): ValueName {
    const { graph, design } = this;
    const { horizon } = design;
    this.fillsGaps = fillsGaps;
    this.scale = this.writeScale();
    this.reciprocal = graph.node('Div', [graph.doubles([], [1]), this.scale]);
    this.anchor = this.writeAnchor();
    let sum = graph.doubles([1, horizon], this.model.intercepts);
    for (const term of [...this.scalarTerms(), ...this.profileTerms()]) {
      sum = graph.node('Add', [sum, term]);
    }
    const mean = graph.node('Add', [this.anchor, graph.node('Mul', [this.scale, sum])]);
    return this.withinRange(mean);
  }

  private columns(start: number, count: number): ValueName {
    const { graph } = this;
    const range = [start, start + count, 1].map((one) => graph.integers([one]));
    const [from = '', to = '', axis = ''] = range;
    return graph.node('Slice', [GraphBuilder.input, from, to, axis]);
  }

  /** Neighbouring columns are sliced at once, which costs a fraction of gathering them. */
  private gather(columns: readonly number[]): ValueName {
    const [first = 0] = columns;
    if (columns.every((column, index) => column === first + index)) {
      return this.columns(first, columns.length);
    }
    return this.graph.node('Gather', [GraphBuilder.input, this.graph.integers(columns)], {
      axis: 1,
    });
  }

  private unlessNaN(value: ValueName, otherwise: ValueName | number): ValueName {
    if (!this.fillsGaps) return value;
    const other = typeof otherwise === 'number' ? this.graph.doubles([], [otherwise]) : otherwise;
    return this.graph.node('Where', [this.graph.node('IsNaN', [value]), other, value]);
  }

  /** A NaN fails the comparison too, and so becomes 1. */
  private writeScale(): ValueName {
    const { graph, design } = this;
    const one = graph.doubles([1, 1], [1]);
    if (design.scale === NONE) return one;
    const column = this.columns(design.scale, 1);
    const isUsable = graph.node('Greater', [column, graph.doubles([], [SCALE_MIN])]);
    return graph.node('Where', [isUsable, column, one]);
  }

  private writeAnchor(): ValueName {
    const { horizon, anchors } = this.design;
    const [first, ...others] = anchors.map((column) => this.columns(column, horizon));
    if (first === undefined) return this.graph.doubles([1, horizon], new Float64Array(horizon));
    const filled = others.reduce((value, other) => this.unlessNaN(value, other), first);
    return this.unlessNaN(filled, this.zero);
  }

  /** What both kinds of input go through: missing is 0, and nothing is far out. */
  private usable(value: ValueName): ValueName {
    const limits = [-INPUT_CLIP, INPUT_CLIP].map((limit) => this.graph.doubles([], [limit]));
    return this.graph.node('Clip', [this.unlessNaN(value, this.zero), ...limits]);
  }

  private scalarTerms(): ValueName[] {
    const indexed = this.design.scalars.map((input, index) => ({ input, index }));
    // The kinds are told apart by the filters.
    const relative = indexed.filter(({ input }) => input.kind === 'relative') as Indexed<Relative>;
    const plain = indexed.filter(({ input }) => input.kind === 'plain') as Indexed<Plain>;
    const terms: ValueName[] = [];
    if (relative.length > 0) terms.push(this.weighted(this.relativeScalars(relative), relative));
    if (plain.length > 0) terms.push(this.weighted(this.plainScalars(plain), plain));
    return terms;
  }

  private relativeScalars(inputs: Indexed<Relative>): ValueName {
    const { graph } = this;
    const values = this.gather(inputs.map(({ input }) => input.column));
    const references = inputs.map(({ input }) => input.reference);
    if (references.every((reference) => reference === NONE)) return this.perScale(values);
    const against = graph.node('Where', [
      graph.booleans(
        [1, inputs.length],
        references.map((reference) => reference !== NONE),
      ),
      this.gather(references.map((reference) => Math.max(reference, 0))),
      this.zero,
    ]);
    return this.perScale(graph.node('Sub', [values, against]));
  }

  /** Multiplies by the reciprocal: a row has one, and hundreds of values. */
  private perScale(values: ValueName): ValueName {
    return this.graph.node('Mul', [values, this.reciprocal]);
  }

  private plainScalars(inputs: Indexed<Plain>): ValueName {
    const { graph } = this;
    const row = (of: (input: Plain) => number): ValueName =>
      graph.doubles(
        [1, inputs.length],
        inputs.map(({ input }) => of(input)),
      );
    const values = this.gather(inputs.map(({ input }) => input.column));
    const centred = graph.node('Sub', [values, row(({ centre }) => centre)]);
    return graph.node('Div', [centred, row(({ spread }) => spread)]);
  }

  private weighted(values: ValueName, inputs: Indexed<ScalarInput>): ValueName {
    const { horizon, scalars } = this.design;
    const weights = inputs.flatMap(({ index }) =>
      steps(horizon).map((step) => this.model.scalarWeights[step * scalars.length + index] ?? 0),
    );
    const matrix = this.graph.doubles([inputs.length, horizon], weights);
    return this.graph.node('MatMul', [this.usable(values), matrix]);
  }

  private profileTerms(): ValueName[] {
    const terms: ValueName[] = [];
    for (const kind of ['shape', 'difference', 'plain', 'position'] as const) {
      const inputs = this.design.profiles
        .map((input, index) => ({ input, index }))
        .filter(({ input }) => input.kind === kind);
      if (inputs.length === 0) continue;
      const values = this.usable(this.profileValues(kind, inputs));
      const product = this.graph.node('Mul', [values, this.profileWeights(inputs)]);
      const axis = this.graph.integers([1]);
      terms.push(this.graph.node('ReduceSum', [product, axis], { keepdims: 0 }));
    }
    return terms;
  }

  /** [rows, inputs, horizon] */
  private profileValues(kind: ProfileInput['kind'], inputs: Indexed<ProfileInput>): ValueName {
    const { graph } = this;
    const middle = graph.integers([1]);
    const anchor = graph.node('Unsqueeze', [this.anchor, middle]);
    const reciprocal = graph.node('Unsqueeze', [this.reciprocal, middle]);
    if (kind === 'position') {
      const levels = this.gather(inputs.map(({ input }) => input.column));
      const level = graph.node('Unsqueeze', [levels, graph.integers([2])]);
      return graph.node('Mul', [graph.node('Sub', [anchor, level]), reciprocal]);
    }
    const values = this.profiles(inputs.map(({ input }) => input.column));
    if (kind === 'plain') return values;
    const relative = kind === 'shape' ? graph.node('Sub', [values, anchor]) : values;
    return graph.node('Mul', [relative, reciprocal]);
  }

  /** Neighbouring columns are sliced at once, others are gathered. */
  private profiles(starts: readonly number[]): ValueName {
    const { graph, design } = this;
    const { horizon } = design;
    const first = starts[0] ?? 0;
    const areNeighbours = starts.every((start, index) => start === first + index * horizon);
    const flat = areNeighbours
      ? this.columns(first, starts.length * horizon)
      : this.gather(starts.flatMap((start) => steps(horizon).map((step) => start + step)));
    // A zero keeps the number of rows, which the graph does not know.
    return graph.node('Reshape', [flat, graph.integers([0, starts.length, horizon])]);
  }

  private profileWeights(inputs: Indexed<ProfileInput>): ValueName {
    const { horizon, profiles } = this.design;
    const weights = inputs.flatMap(({ index }) =>
      steps(horizon).map((step) => this.model.profileWeights[step * profiles.length + index] ?? 0),
    );
    return this.graph.doubles([1, inputs.length, horizon], weights);
  }

  /** src/models/output-range.ts, where the least and the greatest value are known. */
  private withinRange(mean: ValueName): ValueName {
    const { graph, design, zero } = this;
    if (design.least === NONE || design.greatest === NONE) return mean;
    const least = this.columns(design.least, 1);
    const greatest = this.columns(design.greatest, 1);
    const range = graph.node('Sub', [greatest, least]);
    const reach = graph.node('Mul', [range, graph.doubles([], [REACH])]);
    const isPositive = graph.node('GreaterOrEqual', [least, zero]);
    const below = graph.node('Sub', [least, reach]);
    const above = graph.node('Add', [greatest, reach]);
    const raised = graph.node('Mul', [greatest, graph.doubles([], [1 + REACH])]);
    const floor = graph.node('Where', [isPositive, zero, below]);
    const ceiling = graph.node('Where', [isPositive, raised, above]);
    const atLeast = graph.node('Max', [mean, this.unlessNaN(floor, -Infinity)]);
    return graph.node('Min', [atLeast, this.unlessNaN(ceiling, Infinity)]);
  }
}

const steps = (horizon: number): readonly number[] =>
  Array.from({ length: horizon }, (_, step) => step);
