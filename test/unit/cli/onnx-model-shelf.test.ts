import { createHash } from 'node:crypto';
import { describe, expect, it, vi } from 'vitest';
import { onnxModelShelf } from '../../../src/cli/run/onnx-model-shelf.ts';
import { requireSchema } from '../../../src/models/artifact.ts';
import type { Forecaster } from '../../../src/models/forecaster.ts';
import type { OnnxRuntime } from '../../../src/models/onnx/onnx-forecaster.ts';
import type { FeatureSchema } from '../../../src/schemas/feature-schema.ts';
import type { ModelRef } from '../../../src/schemas/forecast.ts';
import { hourlySchema } from '../../support/hourly-schema.ts';
import { memoryArtifactStore } from '../../support/memory-artifact-store.ts';

const schema = hourlySchema();

/** Opens any artifact; one that says so was trained on other features. */
class CountingRuntime implements OnnxRuntime {
  readonly opened: string[] = [];

  async open({ artifact, name, featureSchema }: Parameters<OnnxRuntime['open']>[0]) {
    const text = Buffer.from(artifact).toString();
    const trainedOn: FeatureSchema =
      text === 'other features' ? { ...schema, terms: schema.terms.slice(1) } : schema;
    if (featureSchema !== undefined) requireSchema(trainedOn, featureSchema);
    this.opened.push(text);
    const forecaster: Forecaster = {
      identity: { name, version: '', sha256: '' },
      ...{ schemaHash: '', horizon: 24, strategy: 'direct' },
      predict: async () => new Float64Array(0),
      close: () => Promise.resolve(),
    };
    return forecaster;
  }

  close = () => Promise.resolve();
}

const shelfOf = () => {
  const artifacts = memoryArtifactStore();
  const runtime = new CountingRuntime();
  const shelf = onnxModelShelf({ artifacts, runtime, featureSchema: schema });
  const load = async (text: string) => shelf.load(await put(text));
  const put = async (text: string): Promise<ModelRef> => {
    const sha256 = createHash('sha256').update(text).digest('hex');
    await artifacts.put(sha256, Buffer.from(text));
    return { name: 'm', version: text, sha256, role: 'champion' };
  };
  return { runtime, shelf, load, put, artifacts };
};

describe('the shelf of ONNX models', () => {
  it('opens a model once, also for tasks that ask at the same time', async () => {
    const { runtime, load } = shelfOf();
    const [one, other] = await Promise.all([load('a'), load('a')]);
    expect(other).toBe(one);
    expect(await load('a')).toBe(one);
    expect(runtime.opened).toEqual(['a']);
  });

  it('lets go of the one that nobody asked for the longest when there are more than four', async () => {
    const { runtime, load } = shelfOf();
    for (const text of ['a', 'b', 'c', 'd', 'a', 'e', 'a']) await load(text);
    expect(runtime.opened).toEqual(['a', 'b', 'c', 'd', 'e']);
    await load('b');
    expect(runtime.opened).toEqual(['a', 'b', 'c', 'd', 'e', 'b']);
  });

  it('refuses a model of other features and names what differs', async () => {
    const { load } = shelfOf();
    await expect(load('other features')).rejects.toMatchObject({
      code: 'MODEL_SCHEMA_MISMATCH',
      message: expect.stringContaining('only in the stream: ') as string,
    });
  });

  it('reads bytes of other features no second time', async () => {
    const { shelf, put, artifacts } = shelfOf();
    const model = await put('other features');
    const read = vi.spyOn(artifacts, 'get');
    for (let chunk = 0; chunk < 3; chunk += 1) {
      await expect(shelf.load(model)).rejects.toMatchObject({ code: 'MODEL_SCHEMA_MISMATCH' });
    }
    expect(read).toHaveBeenCalledTimes(1);
  });

  it('says which artifact is missing, and looks again when it is asked again', async () => {
    const { shelf, put, runtime } = shelfOf();
    const missing = { name: 'm', version: 'v', sha256: '0'.repeat(64), role: 'champion' } as const;
    await expect(shelf.load(missing)).rejects.toMatchObject({
      code: 'ARTIFACT_MISSING',
      message: expect.stringContaining('m@v') as string,
    });
    const model = await put('a');
    const absent = onnxModelShelf({
      artifacts: memoryArtifactStore(),
      runtime,
      featureSchema: schema,
    });
    await expect(absent.load(model)).rejects.toMatchObject({ code: 'ARTIFACT_MISSING' });
    await shelf.load(model);
    expect(runtime.opened).toEqual(['a']);
  });
});
