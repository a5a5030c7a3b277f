import { NONE, type LinearDesign, type LinearModel, type ScalarInput } from '../linear-model.ts';
import type { GraphBuilder, ValueName } from './graph-builder.ts';

/** An input of a design by its place in it, which its weights go by. */
type Placed<Input> = Input & { readonly index: number };

export const scalarsOf = <Kind extends ScalarInput['kind']>(
  { scalars }: LinearDesign,
  kind: Kind,
): readonly Placed<Extract<ScalarInput, { kind: Kind }>>[] =>
  scalars.flatMap((input, index) =>
    // Its kind says which one it is.
    input.kind === kind ? [{ ...(input as Extract<ScalarInput, { kind: Kind }>), index }] : [],
  );

/** One weight a step. */
export const scalarWeights = (
  { design: { horizon, scalars }, scalarWeights: weights }: LinearModel,
  index: number,
): Float64Array =>
  Float64Array.from({ length: horizon }, (_, step) => weights[step * scalars.length + index] ?? 0);

export const profileWeights = (
  { design: { horizon, profiles }, profileWeights: weights }: LinearModel,
  index: number,
): Float64Array =>
  Float64Array.from({ length: horizon }, (_, step) => weights[step * profiles.length + index] ?? 0);

/** The weights of a profile's columns, of which each has a part in one step only. */
export const diagonal = (weights: Float64Array): readonly Float64Array[] =>
  Array.from(weights, (weight, step) => {
    const row = new Float64Array(weights.length);
    row[step] = weight;
    return row;
  });

/** [inputs, horizon], of the weights of each input. */
export const matrixOf = (graph: GraphBuilder, weights: readonly Float64Array[]): ValueName => {
  const [first] = weights;
  const cells = weights.flatMap((row) => [...row]);
  return graph.doubles([weights.length, first?.length ?? 0], cells);
};

/**
 * width × horizon: the anchor, and all inputs that are relative to it or to another column. They
 * are divided by the scale and then multiplied by it, so that it has no part in this.
 */
export const relativeWeights = (model: LinearModel): Float64Array => {
  const { width, horizon, anchors, profiles } = model.design;
  const [anchor = NONE] = anchors;
  const sums = new Float64Array(width * horizon);
  const add = (start: number, stride: 0 | 1, weights: Float64Array): void => {
    if (start === NONE) return;
    for (const [step, weight] of weights.entries()) {
      const at = (start + stride * step) * horizon + step;
      sums[at] = (sums[at] ?? 0) + weight;
    }
  };
  add(anchor, 1, new Float64Array(horizon).fill(1));
  for (const { index, column, reference } of scalarsOf(model.design, 'relative')) {
    const weights = scalarWeights(model, index);
    add(column, 0, weights);
    add(reference, 0, negative(weights));
  }
  for (const [index, { kind, column }] of profiles.entries()) {
    const weights = profileWeights(model, index);
    if (kind === 'shape' || kind === 'difference') add(column, 1, weights);
    if (kind === 'shape') add(anchor, 1, negative(weights));
    if (kind === 'position') add(anchor, 1, weights);
    if (kind === 'position') add(column, 0, negative(weights));
  }
  return sums;
};

const negative = (values: Float64Array): Float64Array => values.map((value) => -value);
