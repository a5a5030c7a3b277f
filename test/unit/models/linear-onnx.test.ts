import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { seededRandom } from '../../../src/core/random.ts';
import type { Forecaster } from '../../../src/models/forecaster.ts';
import {
  INPUT_CLIP,
  LinearInputs,
  linearMeans,
  type LinearModel,
} from '../../../src/models/linear-model.ts';
import { linearGraph } from '../../../src/models/onnx/linear-graph.ts';
import { tellMeans } from '../../oracles/told-means.ts';
import { readOnnxMetadata } from '../../../src/models/onnx/metadata.ts';
import { openOnnxForecaster } from '../../../src/models/onnx/onnx-forecaster.ts';
import { featureSchemaHash, type FeatureSchema } from '../../../src/schemas/feature-schema.ts';
import { design, HORIZON, metadata, PROFILES, rowsOf, schema } from '../../support/model-rows.ts';

const ROWS = 5_000;

const modelOf = (seed: string): LinearModel => {
  const random = seededRandom(seed);
  const weights = (count: number) =>
    Float64Array.from({ length: count }, () => random.normal() / 9);
  return {
    design,
    scalarWeights: weights(HORIZON * design.scalars.length),
    profileWeights: weights(HORIZON * design.profiles.length),
    intercepts: weights(HORIZON),
  };
};

/** Whether an input that is relative to the series is: the graph tells rows apart by that. */
const isCutOff = ({ scalars, profiles }: LinearInputs): boolean =>
  [
    ...scalars.filter((_, index) => design.scalars[index]?.kind === 'relative'),
    ...profiles.filter((_, index) => design.profiles[index % PROFILES]?.kind !== 'plain'),
  ].some((value) => Math.abs(value) >= INPUT_CLIP);

const model = modelOf('weights');
const artifact = linearGraph(model, metadata);

describe('a linear model as ONNX', () => {
  let forecaster: Forecaster;
  beforeAll(async () => {
    forecaster = await openOnnxForecaster({ artifact, name: 'm', version: '1', workers: 2 });
  });
  afterAll(() => forecaster.close());

  it('computes what the plain steps compute', async () => {
    const rows = rowsOf('equal', 300);
    const means = await forecaster.predict(rows, 300);
    const inputs = new LinearInputs(design);
    const out = new Float64Array(HORIZON);
    let compared = 0;
    let cutOff = 0;
    for (let row = 0; row < 300; row += 1) {
      const at = row * design.width;
      inputs.read(rows, at);
      if (isCutOff(inputs)) cutOff += 1;
      linearMeans(model, inputs, { row: rows, at, out });
      tellMeans(design, { row: rows, at, out });
      for (const [step, mean] of out.entries()) {
        const got = means[row * HORIZON + step] ?? Number.NaN;
        compared += 1;
        if (Number.isNaN(mean)) {
          expect(got).toBeNaN();
          continue;
        }
        expect(Math.abs(got - mean)).toBeLessThanOrEqual(1e-9 * Math.max(1, Math.abs(mean)));
      }
    }
    expect(compared).toBe(300 * HORIZON);
    expect(cutOff).toBeGreaterThan(50);
    expect(300 - cutOff).toBeGreaterThan(100);
  });

  it('computes it for rows that lack but one value, whichever it is', async () => {
    const { width } = design;
    const row = Float64Array.from({ length: width }, (_, column) => 10 + (column % 7));
    row.set([2, 1, 30]);
    const rows = Float64Array.from({ length: width * width }, (_, index) =>
      index % width === Math.floor(index / width) ? Number.NaN : (row[index % width] ?? 0),
    );
    const means = await forecaster.predict(rows, width);
    const inputs = new LinearInputs(design);
    const out = new Float64Array(HORIZON);
    for (let column = 0; column < width; column += 1) {
      inputs.read(rows, column * width);
      linearMeans(model, inputs, { row: rows, at: column * width, out });
      tellMeans(design, { row: rows, at: column * width, out });
      for (const [step, mean] of out.entries()) {
        expect(means[column * HORIZON + step], `${column}`).toBeCloseTo(mean, 9);
      }
    }
  });

  it('gives the same bytes in batches of 1, 7 and 5,000', async () => {
    const rows = rowsOf('batches', ROWS);
    const whole = await forecaster.predict(rows, ROWS);
    for (const [size, until] of [
      [1, 600],
      [7, ROWS],
    ] as const) {
      const parts: Promise<Float64Array>[] = [];
      for (let from = 0; from < until; from += size) {
        const to = Math.min(from + size, until);
        const part = rows.subarray(from * design.width, to * design.width);
        parts.push(forecaster.predict(part, to - from));
      }
      const joined = Buffer.concat(
        (await Promise.all(parts)).map((part) => Buffer.from(part.buffer)),
      );
      expect(joined.equals(Buffer.from(whole.buffer, 0, until * HORIZON * 8))).toBe(true);
    }
  });

  it('reads rows of shared memory where they lie', async () => {
    const rows = rowsOf('shared', 3_001);
    const shared = new Float64Array(new SharedArrayBuffer(rows.byteLength));
    shared.set(rows);
    const given = shared.subarray(design.width);
    const expected = await forecaster.predict(rows.subarray(design.width), 3_000);
    expect(await forecaster.predict(given, 3_000)).toEqual(expected);
  });

  it('reads its rows before it returns', async () => {
    const rows = rowsOf('owned', 50);
    const expected = await forecaster.predict(rows, 50);
    const pending = forecaster.predict(rows, 50);
    rows.fill(0);
    expect(await pending).toEqual(expected);
  });

  it('is written in the same bytes from the same weights, and carries its metadata', () => {
    expect(Buffer.from(linearGraph(modelOf('weights'), metadata)).equals(artifact)).toBe(true);
    expect(Buffer.from(linearGraph(modelOf('others'), metadata)).equals(artifact)).toBe(false);
    expect(readOnnxMetadata(artifact)).toEqual({
      featureSchema: schema,
      horizon: HORIZON,
      strategy: 'direct',
      transform: 'none',
      missing: 'nan',
    });
    expect(forecaster.schemaHash).toBe(featureSchemaHash(schema));
  });

  it('is refused when cut off, without metadata, and when rows do not fit', async () => {
    const open = (bytes: Uint8Array) =>
      openOnnxForecaster({ artifact: bytes, name: 'm', version: '1', workers: 1 });
    await expect(open(artifact.subarray(0, 500))).rejects.toMatchObject({
      code: 'MODEL_UNREADABLE',
    });
    await expect(open(linearGraph(model, new Map()))).rejects.toMatchObject({
      code: 'MODEL_METADATA_MISSING',
    });
    await expect(forecaster.predict(new Float64Array(10), 1)).rejects.toMatchObject({
      code: 'MODEL_RUN_FAILED',
    });
  });

  it('is refused by a stream of other features, by the names of what differs', async () => {
    const open = (featureSchema: FeatureSchema) =>
      openOnnxForecaster({ artifact, name: 'm', version: '1', workers: 1, featureSchema });
    await (await open(schema)).close();
    const other = { ...schema, terms: [...schema.terms, { kind: 'lag', periods: 3 } as const] };
    await expect(open(other)).rejects.toMatchObject({
      code: 'MODEL_SCHEMA_MISMATCH',
      message: expect.stringContaining('only in the stream: {"kind":"lag","periods":3}') as string,
    });
    await expect(open({ ...schema, horizon: 48 })).rejects.toMatchObject({
      message: expect.stringContaining('horizon: 24 in the model, 48 in the stream') as string,
    });
  });
});
