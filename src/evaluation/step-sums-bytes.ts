import { StepSums, type StepSumsShape } from './step-sums.ts';
import type { Spill } from './two-word-sum.ts';

/** Shape and spill, which are as plain as the header that goes with them. */
interface Plain {
  readonly header: object;
  readonly levels: readonly number[];
  readonly naiveNames: readonly string[];
  readonly horizon: number;
  readonly spill: readonly (readonly [at: number, partials: readonly number[]])[];
}

const WORD = 8;

/**
 * Length of the plain part, the plain part as JSON padded to whole words, then the words as they
 * stand.
 */
export const encodeStepSums = (sums: StepSums, header: object): Uint8Array => {
  const { levels, naiveNames, horizon } = sums.shape;
  const plain: Plain = {
    header,
    levels: [...levels],
    naiveNames,
    horizon,
    spill: [...sums.spill],
  };
  const text = new TextEncoder().encode(JSON.stringify(plain));
  const wordsAt = WORD + Math.ceil(text.length / WORD) * WORD;
  const bytes = new Uint8Array(wordsAt + sums.words.byteLength);
  new DataView(bytes.buffer).setUint32(0, text.length, true);
  bytes.set(text, WORD);
  new Float64Array(bytes.buffer, wordsAt).set(sums.words);
  return bytes;
};

/** Reads what `encodeStepSums` wrote. */
export const decodeStepSums = (
  bytes: Uint8Array,
): { readonly sums: StepSums; readonly header: object } => {
  // A copy of its own, aligned: what is given may be a view at any offset, and the `slice` of a
  // Buffer is another view.
  const own = new Uint8Array(bytes);
  const length = new DataView(own.buffer).getUint32(0, true);
  const text = new TextDecoder().decode(own.subarray(WORD, WORD + length));
  // Written by `encodeStepSums` above: the stores that use it change their version with it.
  const { header, levels, naiveNames, horizon, spill } = JSON.parse(text) as Plain;
  const shape: StepSumsShape = { levels: Float64Array.from(levels), naiveNames, horizon };
  const words = new Float64Array(own.buffer, WORD + Math.ceil(length / WORD) * WORD).slice();
  const spilt: Spill = new Map(spill.map(([at, partials]) => [at, [...partials]]));
  return { sums: new StepSums(shape, words, spilt), header };
};
