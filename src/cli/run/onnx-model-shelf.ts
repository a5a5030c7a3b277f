import { isSchemaMismatch } from '../../models/artifact.ts';
import type { ModelError } from '../../models/errors.ts';
import type { Forecaster } from '../../models/forecaster.ts';
import { readOnnxMetadata } from '../../models/onnx/metadata.ts';
import type { OnnxRuntime } from '../../models/onnx/onnx-forecaster.ts';
import type { ArtifactStore } from '../../registry/artifact-store.ts';
import { RegistryError } from '../../registry/errors.ts';
import type { FeatureSchema } from '../../schemas/feature-schema.ts';
import type { ModelRef } from '../../schemas/forecast.ts';
import type { ModelShelf } from '../../streams/topologies/forecasting/model-shelf.ts';
import type { OpenArtifact } from '../../streams/topologies/training/candidate.ts';

/** Champion, challenger, and one of each on its way out, since tasks adopt at different times. */
const OPEN_MAX = 4;

export interface OnnxModelShelfOptions {
  readonly artifacts: ArtifactStore;
  /** Shared by all streams of the process; the shelf does not close it. */
  readonly runtime: OnnxRuntime;
  /** Of the stream: a model that was trained on other features is refused. */
  readonly featureSchema: FeatureSchema;
}

export interface OnnxModelShelf extends ModelShelf {
  close(): Promise<void>;
}

/** ONNX models of one stream, opened when first asked for and kept while they are in use. */
export const onnxModelShelf = (options: OnnxModelShelfOptions): OnnxModelShelf => {
  /** The one that was asked for last is the last. */
  const opened = new Map<string, Promise<Forecaster>>();

  /** By sha256. Bytes that do not fit these features never will: they are not read again. */
  const misfits = new Map<string, ModelError>();

  const retire = async (sha256: string): Promise<void> => {
    const model = opened.get(sha256);
    opened.delete(sha256);
    await (await model)?.close();
  };

  return {
    async load(model) {
      const { sha256 } = model;
      const misfit = misfits.get(sha256);
      if (misfit !== undefined) throw misfit;
      const forecaster = opened.get(sha256) ?? openModel(options, model);
      opened.delete(sha256);
      opened.set(sha256, forecaster);
      try {
        const ready = await forecaster;
        const [oldest] = opened.keys();
        if (opened.size > OPEN_MAX && oldest !== undefined) await retire(oldest);
        return ready;
      } catch (failure) {
        if (isSchemaMismatch(failure)) misfits.set(sha256, failure);
        // Not for ever: the file may be restored.
        if (opened.get(sha256) === forecaster) opened.delete(sha256);
        throw failure;
      }
    },
    async close() {
      const models = [...opened.values()];
      opened.clear();
      for (const model of await Promise.allSettled(models)) {
        if (model.status === 'fulfilled') await model.value.close();
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
