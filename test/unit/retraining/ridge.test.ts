import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { compileFeatures } from '../../../src/features/feature-plan.ts';
import { ownedWindow } from '../../../src/features/series-window.ts';
import { LinearInputs, linearMeans } from '../../../src/models/linear-model.ts';
import { readOnnxMetadata } from '../../../src/models/onnx/metadata.ts';
import type { TrainingInput } from '../../../src/retraining/trainer.ts';
import { ridgeTrainer } from '../../../src/retraining/trainers/ridge.ts';
import { fitRidge } from '../../../src/retraining/trainers/ridge-fit.ts';
import { sampleSeries } from '../../../src/retraining/series-sample.ts';
import { flightsCounts, type AirportCounts } from '../../support/flights-counts.ts';
import { HORIZON, hourlySchema } from '../../support/hourly-schema.ts';
import { ROOT } from '../../support/repository.ts';

interface GoldenCase {
  readonly airport: string;
  readonly t: number;
  readonly meanUnclipped: readonly number[];
  readonly mean: readonly number[];
}

// Made by a reference implementation in NumPy.
const golden = JSON.parse(
  readFileSync(`${ROOT}test/fixtures/reference/ridge-golden.json`, 'utf8'),
) as {
  readonly trainOrigins: readonly [number, number, number];
  readonly model: { readonly Ws: number[][]; readonly Wp: number[][]; readonly b: number[] };
  readonly cases: readonly GoldenCase[];
};

const schema = hourlySchema();

const expectClose = (got: ArrayLike<number>, expected: readonly number[], tolerance: number) => {
  expect(got).toHaveLength(expected.length);
  for (const [index, value] of expected.entries()) {
    expect(Math.abs((got[index] ?? Number.NaN) - value)).toBeLessThan(tolerance);
  }
};

describe('the ridge trainer', () => {
  let airports: AirportCounts[];
  let input: TrainingInput;
  beforeAll(async () => {
    airports = await flightsCounts(60);
    const [{ firstPeriod } = { firstPeriod: 0 }] = airports;
    const [, end] = golden.trainOrigins;
    input = {
      featureSchema: schema,
      series: airports,
      fromPeriod: firstPeriod,
      toPeriod: firstPeriod + end + HORIZON,
      seed: 'request-1',
    };
  }, 120_000);

  it('finds the weights and the means of the reference on 60 airports', () => {
    const [, , stride] = golden.trainOrigins;
    // The reference learns from origins with four weeks of history.
    const fromPeriod = input.fromPeriod + 4 * 168 + 1;
    const rowsInput = { ...input, series: airports, holidays: null, stride, fromPeriod };
    const { model, rows } = fitRidge(rowsInput, {});
    expect(rows).toBe(31_680);
    expectClose(model.scalarWeights, golden.model.Ws.flat(), 1e-9);
    expectClose(model.profileWeights, golden.model.Wp.flat(), 1e-9);
    expectClose(model.intercepts, golden.model.b, 1e-9);
    const plan = compileFeatures(schema);
    const inputs = new LinearInputs(model.design);
    const row = new Float64Array(plan.width);
    const out = new Float64Array(HORIZON);
    for (const { airport, t, mean } of golden.cases) {
      const series = airports.find(({ seriesId }) => seriesId === airport);
      const window = ownedWindow(plan.lookback + 1);
      const from = Math.max(0, t - plan.lookback);
      for (let period = from; period <= t; period += 1) {
        window.append(period, series?.values[period] ?? Number.NaN);
      }
      plan.write(window, t, row, 0);
      inputs.read(row, 0);
      linearMeans(model, inputs, { row, at: 0, out });
      expectClose(out, mean, 1e-9);
    }
    expect(golden.cases).toHaveLength(8);
  }, 60_000);

  it('gives the same bytes for the same histories in any order', async () => {
    const few = airports.slice(0, 5);
    const train = async (series: AirportCounts[]) => {
      const shares: number[] = [];
      const onProgress = (share: number) => shares.push(share);
      const trainer = ridgeTrainer();
      const candidate = await trainer.train(
        { ...input, series, onProgress },
        new AbortController().signal,
      );
      expect(shares.at(-1)).toBe(1);
      return candidate;
    };
    const first = await train(few);
    const second = await train([...few].reverse());
    expect(Buffer.from(second.artifact).equals(first.artifact)).toBe(true);
    expect(second).toEqual(first);
    expect(first).toMatchObject({ trainer: 'ridge', horizon: HORIZON, seriesCount: 5 });
    expect(readOnnxMetadata(first.artifact).featureSchema).toEqual(schema);
    const [changed] = few;
    if (changed === undefined) throw new Error('no airport');
    const values = changed.values.map((value, hour) => (hour === 2_000 ? value + 1 : value));
    const third = await train([{ ...changed, values }, ...few.slice(1)]);
    expect(third.sha256).not.toBe(first.sha256);
  }, 60_000);

  it('ignores what lies behind the training window', async () => {
    const [airport] = airports;
    if (airport === undefined) throw new Error('no airport');
    const train = (values: Float64Array) =>
      ridgeTrainer().train(
        { ...input, series: [{ ...airport, values }] },
        new AbortController().signal,
      );
    const end = input.toPeriod - airport.firstPeriod;
    const first = await train(airport.values);
    const second = await train(airport.values.map((value, hour) => (hour < end ? value : 999)));
    expect(second.sha256).toBe(first.sha256);
    const third = await train(airport.values.map((value, hour) => (hour < end - 1 ? value : 999)));
    expect(third.sha256).not.toBe(first.sha256);
  }, 60_000);

  it('says what is missing in short histories, and stops when it is told to', async () => {
    const short = airports.map((one) => ({ ...one, values: one.values.subarray(0, 520) }));
    await expect(
      ridgeTrainer().train({ ...input, series: short }, new AbortController().signal),
    ).rejects.toMatchObject({ code: 'TRAINING_TOO_LITTLE_DATA' });
    await expect(ridgeTrainer().train(input, AbortSignal.abort())).rejects.toMatchObject({
      code: 'TRAINING_ABORTED',
      retriable: true,
    });
  }, 60_000);
});

describe('the sample of series', () => {
  const series = Array.from({ length: 50 }, (_, index) => ({
    seriesId: `series-${index}`,
    firstPeriod: 0,
    values: new Float64Array(1 + ((index * 7) % 13)),
  }));

  it('is the same in whatever order series come, and fits', () => {
    const kept = sampleSeries(series, 150);
    expect(sampleSeries([...series].reverse(), 150)).toEqual(kept);
    const odd = series.filter((_, index) => index % 2 === 1);
    const even = series.filter((_, index) => index % 2 === 0);
    expect(sampleSeries([...odd, ...even], 150)).toEqual(kept);
    const size = kept.reduce((sum, { values }) => sum + values.length, 0);
    expect(size).toBeLessThanOrEqual(150);
    expect(size).toBeGreaterThan(130);
  });

  it('is all of them where they fit, sorted by id', () => {
    const ids = sampleSeries(series, 1_000).map(({ seriesId }) => seriesId);
    expect(ids).toEqual(series.map(({ seriesId }) => seriesId).sort());
  });
});
