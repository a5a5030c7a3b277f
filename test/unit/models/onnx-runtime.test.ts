import { describe, expect, it } from 'vitest';
import { metadataEntries } from '../../../src/models/artifact.ts';
import { linearDesign } from '../../../src/models/linear-design.ts';
import { linearGraph } from '../../../src/models/onnx/linear-graph.ts';
import { openOnnxRuntime } from '../../../src/models/onnx/onnx-forecaster.ts';
import { HORIZON, hourlySchema } from '../../support/hourly-schema.ts';

const featureSchema = hourlySchema();

const artifact = (): Uint8Array => {
  const design = linearDesign(featureSchema);
  const model = {
    design,
    intercepts: new Float64Array(HORIZON),
    scalarWeights: new Float64Array(HORIZON * design.scalars.length),
    profileWeights: new Float64Array(HORIZON * design.profiles.length),
  };
  const metadata = metadataEntries({
    ...{ featureSchema, horizon: HORIZON, missing: 'nan' },
    ...{ strategy: 'direct', transform: 'none' },
  });
  return linearGraph(model, metadata);
};

/** A runtime whose threads take until they are told before they have loaded a model. */
const probe = (bytes = artifact()) => {
  const told: string[] = [];
  const waiting: (() => void)[] = [];
  const runtime = openOnnxRuntime({ workers: 2 }, (workers) => {
    told.push(`${workers} threads`);
    return {
      run: async () => {
        await new Promise<void>((resolve) => {
          waiting.push(resolve);
        });
        told.push('loaded');
        return true;
      },
      destroy: async () => {
        told.push('ended');
      },
    };
  });
  const model = { artifact: bytes, name: 'm', version: '1' };
  const load = (): void => {
    for (const resolve of waiting) resolve();
  };
  return { told, runtime, open: () => runtime.open(model), load };
};

describe('a runtime of ONNX models', () => {
  it('starts no thread where no model is opened, or none that can be read', async () => {
    const unused = probe();
    await unused.runtime.close();
    const unreadable = probe(new Uint8Array(3));
    await expect(unreadable.open()).rejects.toMatchObject({ code: 'MODEL_UNREADABLE' });
    await unreadable.runtime.close();
    expect([...unused.told, ...unreadable.told]).toEqual([]);
  });

  it('starts its threads once, with the first model', async () => {
    const { told, open, load } = probe();
    const both = [open(), open()];
    load();
    await Promise.all(both);
    expect(told).toEqual(['2 threads', 'loaded', 'loaded']);
  });

  it('ends no thread that is loading a model still', async () => {
    const { told, runtime, open, load } = probe();
    const opened = open();
    const closed = runtime.close();
    expect(told).toEqual(['2 threads']);
    load();
    await Promise.all([opened, closed]);
    expect(told).toEqual(['2 threads', 'loaded', 'ended']);
  });
});
