import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { seededRandom } from '../../../src/core/random.ts';
import { memberMeans } from '../../../src/models/average/member.ts';
import type { Forecaster } from '../../../src/models/forecaster.ts';
import { NONE, type LinearModel } from '../../../src/models/linear-model.ts';
import { averageGraph } from '../../../src/models/onnx/average-graph.ts';
import { openOnnxForecaster } from '../../../src/models/onnx/onnx-forecaster.ts';
import { tellMeans } from '../../oracles/told-means.ts';
import { design, HORIZON, metadata, rowsOf } from '../../support/model-rows.ts';

const ROWS = 2_000;

/** Every step reads the same columns: some scalars, and all steps of a profile. */
const modelOf = (seed: string): LinearModel => {
  const random = seededRandom(seed);
  const weights = (count: number) =>
    Float64Array.from({ length: count }, () => random.normal() / 9);
  const read = [3, 6, 10, ...Array.from({ length: HORIZON }, (_, step) => 40 + step)];
  return {
    design: {
      ...design,
      anchors: [design.slotMean, ...design.anchors],
      scalars: read.map((column) => ({ kind: 'relative', column, reference: NONE })),
      profiles: [],
    },
    scalarWeights: weights(HORIZON * read.length),
    profileWeights: new Float64Array(),
    intercepts: weights(HORIZON),
  };
};

describe('an autoregression as ONNX', () => {
  const member = { kind: 'recursion', model: modelOf('weights') } as const;
  let forecaster: Forecaster;
  beforeAll(async () => {
    const artifact = averageGraph({ members: [{ member, weight: 1 }] }, metadata);
    forecaster = await openOnnxForecaster({ artifact, name: 'm', version: '1', workers: 1 });
  });
  afterAll(() => forecaster.close());

  it('computes what the plain steps compute, with gaps and without', async () => {
    const rows = rowsOf('equal', 300);
    const means = await forecaster.predict(rows, 300);
    const out = new Float64Array(HORIZON);
    const say = memberMeans(member);
    let gaps = 0;
    for (let at = 0; at < 300; at += 1) {
      const row = rows.subarray(at * design.width, (at + 1) * design.width);
      if (row.some(Number.isNaN)) gaps += 1;
      say(row, out);
      tellMeans(design, { row, at: 0, out });
      for (const [step, mean] of out.entries()) {
        expect(means[at * HORIZON + step]).toBeCloseTo(mean, 8);
      }
    }
    expect(gaps).toBeGreaterThan(30);
  });

  it('gives the same bytes in batches of 1, 7 and all', async () => {
    const rows = rowsOf('batches', ROWS);
    const whole = await forecaster.predict(rows, ROWS);
    for (const [size, until] of [
      [1, 300],
      [7, ROWS],
    ] as const) {
      for (let from = 0; from < until; from += size) {
        const to = Math.min(from + size, until);
        const part = rows.slice(from * design.width, to * design.width);
        const means = await forecaster.predict(part, to - from);
        expect(Buffer.from(means.buffer, means.byteOffset, means.byteLength)).toEqual(
          Buffer.from(whole.slice(from * HORIZON, to * HORIZON).buffer),
        );
      }
    }
  });
});
