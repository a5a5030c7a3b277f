import type { LinearDesign, LinearModel, ProfileInput, ScalarInput } from '../linear-model.ts';
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

/** [inputs, horizon], of the weights of each input. */
export const matrixOf = (graph: GraphBuilder, weights: readonly Float64Array[]): ValueName => {
  const [first] = weights;
  const cells = weights.flatMap((row) => [...row]);
  return graph.doubles([weights.length, first?.length ?? 0], cells);
};

/** The profiles of one kind. */
export const profilesOf = (
  { profiles }: LinearDesign,
  kind: ProfileInput['kind'],
): readonly Placed<ProfileInput>[] =>
  profiles.flatMap((input, index) => (input.kind === kind ? [{ ...input, index }] : []));

/**
 * [rows, horizon]: the sum of profiles [rows, inputs, horizon], each step by its own weights. A
 * matrix product would need a matrix that grows with the square of the horizon.
 */
export const profileSum = (
  graph: GraphBuilder,
  values: ValueName,
  weights: readonly Float64Array[],
): ValueName => {
  const cells = weights.flatMap((row) => [...row]);
  const dims = [1, weights.length, weights[0]?.length ?? 0];
  const product = graph.node('Mul', [values, graph.doubles(dims, cells)]);
  return graph.node('ReduceSum', [product, graph.integers([1])], { keepdims: 0 });
};

/** What each step's anchor counts for in all, where inputs are not divided by the scale. */
export const anchorWeights = (model: LinearModel): Float64Array => {
  const sums = new Float64Array(model.design.horizon).fill(1);
  for (const [index, { kind }] of model.design.profiles.entries()) {
    if (kind !== 'shape' && kind !== 'position') continue;
    const sign = kind === 'shape' ? -1 : 1;
    for (const [step, weight] of profileWeights(model, index).entries()) {
      sums[step] = (sums[step] ?? 0) + sign * weight;
    }
  }
  return sums;
};

/** Likewise what columns that are the same for all steps count for: [column, weights]. */
export const columnWeights = (model: LinearModel): readonly (readonly [number, Float64Array])[] => [
  ...scalarsOf(model.design, 'relative').flatMap(({ index, column, reference }) => {
    const weights = scalarWeights(model, index);
    return [[column, weights] as const, [reference, negative(weights)] as const];
  }),
  ...profilesOf(model.design, 'position').map(
    ({ index, column }) => [column, negative(profileWeights(model, index))] as const,
  ),
];

const negative = (values: Float64Array): Float64Array => values.map((value) => -value);
