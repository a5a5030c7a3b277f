import { parseMetadata, type ArtifactMetadata } from '../artifact.ts';
import { ModelError } from '../errors.ts';
import { modelHead } from './onnx-proto.ts';

/** The metadata entries of an ONNX model, read without a runtime. */
export const onnxMetadataEntries = (artifact: Uint8Array): ReadonlyMap<string, string> => {
  try {
    // The shape that the descriptor declares; absent lists decode as empty ones.
    const head = modelHead.toObject(modelHead.decode(artifact), { arrays: true }) as {
      readonly metadataProps: readonly { readonly key?: string; readonly value?: string }[];
    };
    return new Map(head.metadataProps.map(({ key = '', value = '' }) => [key, value]));
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
  parseMetadata(onnxMetadataEntries(artifact));
