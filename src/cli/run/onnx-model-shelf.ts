import { isSchemaMismatch } from '../../models/artifact.ts';
import type { ModelError } from '../../models/errors.ts';
import type { Forecaster } from '../../models/forecaster.ts';
import { readOnnxMetadata } from '../../models/onnx/metadata.ts';
import { MODELS_PER_STREAM, type OnnxRuntime } from '../../models/onnx/onnx-forecaster.ts';
import type { ArtifactStore } from '../../registry/artifact-store.ts';
import { RegistryError } from '../../registry/errors.ts';
import type { FeatureSchema } from '../../schemas/feature-schema.ts';
import type { ModelRef } from '../../schemas/forecast.ts';
import type { ModelShelf } from '../../streams/topologies/forecasting/model-shelf.ts';
import type { OpenArtifact } from '../../streams/topologies/training/candidate.ts';

export interface OnnxModelShelfOptions {
  readonly artifacts: ArtifactStore;
  /** Shared by all streams of the process; the shelf does not close it. */
  readonly runtime: OnnxRuntime;
  /** Of the stream: a model that was trained on other features is refused. */
  readonly featureSchema: FeatureSchema;
}

/**
 * ONNX models of one stream, opened when first asked for and kept at hand while they are in use; the
 * runtime has them loaded as long.
 */
export const onnxModelShelf = (options: OnnxModelShelfOptions): ModelShelf => {
  /** The one that was asked for last is the last. */
  const opened = new Map<string, Promise<Forecaster>>();

  /** By sha256. Bytes that do not fit these features never will: they are not read again. */
  const misfits = new Map<string, ModelError>();

  const asked = (model: ModelRef): Promise<Forecaster> => {
    const { sha256 } = model;
    const forecaster = opened.get(sha256) ?? openModel(options, model);
    opened.delete(sha256);
    opened.set(sha256, forecaster);
    const [oldest] = opened.keys();
    if (opened.size > MODELS_PER_STREAM && oldest !== undefined) opened.delete(oldest);
    return forecaster;
  };

  return {
    async load(model) {
      const { sha256 } = model;
      const misfit = misfits.get(sha256);
      if (misfit !== undefined) throw misfit;
      const forecaster = asked(model);
      try {
        return await forecaster;
      } catch (failure) {
        if (isSchemaMismatch(failure)) misfits.set(sha256, failure);
        // Not for ever: the file may be restored.
        if (opened.get(sha256) === forecaster) opened.delete(sha256);
        throw failure;
      }
    },
  };
};

const openModel = async (
  { artifacts, runtime, featureSchema }: OnnxModelShelfOptions,
  { name, version, sha256 }: ModelRef,
): Promise<Forecaster> => {
  const artifact = await artifacts.get(sha256);
  if (artifact !== undefined) return runtime.open({ artifact, name, version, featureSchema });
  throw new RegistryError(
    'ARTIFACT_MISSING',
    `The artifact ${sha256} of ${name}@${version} is not in this data folder: copy it from where ` +
      'it was trained, or roll back to a version that is here',
  );
};

/** Opens artifacts for a judgement, with the features that each was trained on. */
export const openJudged =
  (runtime: OnnxRuntime): OpenArtifact =>
  async (artifact, name) => ({
    forecaster: await runtime.open({ artifact, name, version: '' }),
    featureSchema: readOnnxMetadata(artifact).featureSchema,
  });
