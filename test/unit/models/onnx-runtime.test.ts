import { describe, expect, it } from 'vitest';
import { openOnnxRuntime } from '../../../src/models/onnx/onnx-forecaster.ts';
import { HORIZON, hourlySchema } from '../../support/hourly-schema.ts';
import { zeroGraph } from '../../support/zero-graph.ts';

/** A runtime whose threads take until they are told before they have loaded a model. */
const probe = (bytes = zeroGraph(hourlySchema(), HORIZON)) => {
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
  it('keeps the models of all its streams loaded', async () => {
    const asked: unknown[] = [];
    const runtime = openOnnxRuntime({ workers: 1, streams: 4 }, () => ({
      run: async (task) => asked.push(task) > 0,
      destroy: () => Promise.resolve(),
    }));
    const model = { artifact: zeroGraph(hourlySchema(), HORIZON), name: 'm', version: '1' };
    await runtime.open(model);
    expect(asked).toMatchObject([{ modelsMax: 16 }]);
    await runtime.close();
  });

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
