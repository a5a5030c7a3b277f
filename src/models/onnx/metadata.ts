import { METADATA, parseMetadata, type ArtifactMetadata } from '../artifact.ts';
import { profileText, type ErrorProfile } from '../error-profile.ts';
import { ModelError } from '../errors.ts';
import { modelHead, PRODUCER } from './onnx-proto.ts';

/** A value that goes into a graph or comes out of it, as far as the file says. */
export interface GraphValue {
  /** Of TensorProto.DataType. */
  readonly elemType: number;
  /** A number where a dimension is fixed; undefined: of unknown rank. */
  readonly dims: readonly (number | undefined)[] | undefined;
}

/** What an ONNX model says of itself, read without a runtime. */
export interface OnnxHead {
  readonly entries: ReadonlyMap<string, string>;
  /** false: another program wrote it, and nothing is known of how it computes. */
  readonly isOwn: boolean;
  readonly inputs: readonly GraphValue[];
  readonly outputs: readonly GraphValue[];
}

/** As the descriptor declares it; absent lists decode as empty ones. */
interface DecodedHead {
  readonly producerName?: string;
  readonly graph?: { readonly input: readonly ValueInfo[]; readonly output: readonly ValueInfo[] };
  readonly metadataProps: readonly { readonly key?: string; readonly value?: string }[];
}

interface ValueInfo {
  readonly type?: {
    readonly tensorType?: {
      readonly elemType?: number;
      readonly shape?: { readonly dim: readonly { readonly dimValue?: unknown }[] };
    };
  };
}

const valueOf = ({ type }: ValueInfo): GraphValue => {
  const { elemType = 0, shape } = type?.tensorType ?? {};
  // An int64 decodes as a number or as an object that says the same; 0 is what is not said.
  return { elemType, dims: shape?.dim.map(({ dimValue = 0 }) => Number(dimValue) || undefined) };
};

/** @throws ModelError when the bytes are no ONNX model. */
export const readOnnxHead = (artifact: Uint8Array): OnnxHead => {
  try {
    const head = modelHead.toObject(modelHead.decode(artifact), { arrays: true }) as DecodedHead;
    return {
      entries: new Map(head.metadataProps.map(({ key = '', value = '' }) => [key, value])),
      isOwn: head.producerName === PRODUCER,
      inputs: (head.graph?.input ?? []).map(valueOf),
      outputs: (head.graph?.output ?? []).map(valueOf),
    };
  } catch (cause) {
    throw new ModelError(
      'MODEL_UNREADABLE',
      'The artifact is no ONNX model, or it was cut off: export or copy it again',
      { cause },
    );
  }
};

/** What an ONNX model says of itself under the names of `METADATA`. */
export const readOnnxMetadata = (artifact: Uint8Array): ArtifactMetadata =>
  parseMetadata(readOnnxHead(artifact).entries);

/**
 * The same model with what a judge found of its errors: one more entry behind the others, since a
 * list of a message goes on where its bytes do.
 * @see https://protobuf.dev/programming-guides/encoding/#last-one-wins
 */
export const withErrors = (artifact: Uint8Array, errors: ErrorProfile): Uint8Array => {
  const metadataProps = [{ key: METADATA.errors, value: profileText(errors) }];
  return Buffer.concat([artifact, modelHead.encode({ metadataProps }).finish()]);
};
