import { describe, expect, it } from 'vitest';
import onnxWorker from '../../../src/models/onnx/onnx-worker.ts';
import { HORIZON, hourlySchema } from '../../support/hourly-schema.ts';
import { zeroGraph } from '../../support/zero-graph.ts';
import { rowShape, rowWidth } from '../../../src/schemas/feature-schema.ts';

const featureSchema = hourlySchema();
const artifact = zeroGraph(featureSchema, HORIZON);
const width = rowWidth(rowShape(featureSchema));

const ask = async (sha256: string, modelsMax: number, withArtifact: boolean): Promise<boolean> =>
  onnxWorker({
    ...{ sha256, modelsMax, artifact: withArtifact ? artifact : undefined },
    ...{ rows: new SharedArrayBuffer(width * 8), rowsAt: 0 },
    ...{ means: new SharedArrayBuffer(HORIZON * 8), meansAt: 0 },
    ...{ count: 1, width, horizon: HORIZON, missing: Number.NaN, steps: undefined, runRows: 1 },
  });

/** The models that a thread has to be given again when they are asked for. */
const loadedAgain = async (names: readonly string[], modelsMax: number): Promise<string[]> => {
  const again: string[] = [];
  for (const name of names) {
    if (await ask(name, modelsMax, false)) continue;
    again.push(name);
    await ask(name, modelsMax, true);
  }
  return again;
};

describe('a thread that runs ONNX models', () => {
  it('keeps what it is asked for in a circle, as long as there is room for all', async () => {
    const circle = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
    expect(await loadedAgain(circle, 8)).toEqual(circle);
    expect(await loadedAgain([...circle, ...circle], 8)).toEqual([]);
  });

  it('lets go of the one that nobody used the longest', async () => {
    await loadedAgain(['r', 's', 't'], 3);
    expect(await loadedAgain(['r', 'u'], 3)).toEqual(['u']);
    expect(await loadedAgain(['r', 't', 'u'], 3)).toEqual([]);
    expect(await loadedAgain(['s'], 3)).toEqual(['s']);
  });
});
