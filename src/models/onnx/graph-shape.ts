import { rowShape, rowWidth } from '../../schemas/feature-schema.ts';
import type { ArtifactMetadata } from '../artifact.ts';
import { ModelError } from '../errors.ts';
import { stepRowWidth } from '../step-rows.ts';
import type { GraphValue, OnnxHead } from './metadata.ts';
import { ELEMENT } from './onnx-proto.ts';

/** Columns of what goes into a graph and of what comes out, by what its metadata say. */
interface Widths {
  readonly input: number;
  readonly output: number;
  /** What a row of the input is, for messages. */
  readonly rows: string;
}

const widthsOf = ({ featureSchema, horizon, strategy }: ArtifactMetadata): Widths => {
  const shape = rowShape(featureSchema);
  return strategy === 'per-step'
    ? { input: stepRowWidth(shape), output: 1, rows: 'a step' }
    : { input: rowWidth(shape), output: horizon, rows: 'an origin' };
};

const mismatch = (what: string, wanted: string): ModelError =>
  new ModelError(
    'MODEL_SHAPE_MISMATCH',
    `The model's ${what}; by its metadata it must be ${wanted}: export it so`,
  );

const inWords = ({ dims = [] }: GraphValue): string =>
  `[${dims.map((dim) => dim ?? 'any').join(', ')}]`;

const isRows = ({ dims }: GraphValue, width: number): boolean => {
  if (dims === undefined) return true;
  const [rows, columns = width, ...others] = dims;
  // Some exporters write one output a row without a second dimension.
  const hasColumns = dims.length === 2 || (dims.length === 1 && width === 1);
  return rows === undefined && columns === width && hasColumns && others.length === 0;
};

/**
 * Refuses a graph that says itself that it does not take or give what its metadata promise. What it
 * leaves open, its first run shows.
 */
export const requireShape = ({ inputs, outputs }: OnnxHead, metadata: ArtifactMetadata): void => {
  const { input, output, rows } = widthsOf(metadata);
  const [taken] = inputs;
  const [given] = outputs;
  if (taken === undefined || given === undefined) {
    throw mismatch('graph has no input or no output', 'one of each');
  }
  const wanted = `[rows, ${input}] of float32 or float64, a row ${rows}`;
  if (taken.elemType !== ELEMENT.float && taken.elemType !== ELEMENT.double) {
    throw mismatch('input holds no floats', wanted);
  }
  if (!isRows(taken, input)) throw mismatch(`input is ${inWords(taken)}`, wanted);
  if (!isRows(given, output)) {
    throw mismatch(`output is ${inWords(given)}`, `[rows, ${output}], a row ${rows}`);
  }
};
