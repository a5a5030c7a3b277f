import { describe, expect, it } from 'vitest';
import { lazyOnnxRuntime } from '../../../src/cli/lazy-onnx-runtime.ts';
import type { Forecaster } from '../../../src/models/forecaster.ts';

/** A runtime whose models take until they are told. */
const probe = () => {
  const told: string[] = [];
  let loaded: (() => void) | undefined;
  const runtime = lazyOnnxRuntime({ workers: 2 }, ({ workers }) => {
    told.push(`${workers} threads`);
    return {
      open: async () => {
        await new Promise<void>((resolve) => {
          loaded = resolve;
        });
        told.push('loaded');
        // Nobody asks it for anything.
        return {} as Forecaster;
      },
      close: async () => {
        told.push('closed');
      },
    };
  });
  const model = { artifact: new Uint8Array(), name: 'm', version: '1' };
  return { told, runtime, open: () => runtime.open(model), load: () => loaded?.() };
};

describe('a runtime of the command line', () => {
  it('starts no thread for a command that opens no model', async () => {
    const { told, runtime } = probe();
    await runtime.close();
    expect(told).toEqual([]);
  });

  it('starts its threads once, with the first model', async () => {
    const { told, open, load } = probe();
    const both = [open(), open()];
    load();
    await both[1];
    expect(told).toEqual(['2 threads', 'loaded']);
  });

  it('ends no thread that is loading a model still', async () => {
    const { told, runtime, open, load } = probe();
    const opened = open();
    const closed = runtime.close();
    expect(told).toEqual(['2 threads']);
    load();
    await Promise.all([opened, closed]);
    expect(told).toEqual(['2 threads', 'loaded', 'closed']);
  });
});
