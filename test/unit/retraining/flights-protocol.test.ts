import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { endOf, valueOf, type Panel } from '../../../src/evaluation/history.ts';
import { wape } from '../../../src/evaluation/metrics.ts';
import { opponentNames, originBlocks } from '../../../src/evaluation/origin-blocks.ts';
import type { Forecaster } from '../../../src/models/forecaster.ts';
import { openOnnxRuntime } from '../../../src/models/onnx/onnx-forecaster.ts';
import { judge, judgingSlice, type JudgedForecaster } from '../../../src/retraining/judge.ts';
import { promotionGate } from '../../../src/retraining/promotion-gate.ts';
import { ridgeTrainer } from '../../../src/retraining/trainers/ridge.ts';
import type { RidgeOptions } from '../../../src/retraining/trainers/ridge-fit.ts';
import { flightsCounts } from '../../support/flights-counts.ts';
import { HORIZON, hourlySchema } from '../../support/hourly-schema.ts';

const TEST_DAYS = 42;
const schema = hourlySchema();
const { signal } = new AbortController();
const runtime = openOnnxRuntime({ workers: 1 });
const opponents = opponentNames(schema);

let panel: Panel;
let end: number;

const train = async (toPeriod: number, options: RidgeOptions = {}): Promise<Forecaster> => {
  const { artifact } = await ridgeTrainer(options).train(
    { featureSchema: schema, series: panel.series, fromPeriod: 0, toPeriod, seed: 'protocol' },
    signal,
  );
  return runtime.open({ artifact, name: 'ridge', version: '1' });
};

/** WAPE of the model and of each opponent, all series and steps pooled, one origin a day. */
const errors = async (forecaster: Forecaster): Promise<Map<string, number | null>> => {
  const origins = Array.from({ length: TEST_DAYS }, (_, day) => end - 1 - (TEST_DAYS - day) * 24);
  const actual: number[] = [];
  const said = [[], ...opponents.map(() => [])] as number[][];
  for (const block of originBlocks({ panel, schemas: [schema], origins })) {
    const [rows] = block.rows.values();
    const means = await forecaster.predict(rows ?? new Float64Array(), block.count);
    for (let index = 0; index < block.count * HORIZON; index += 1) {
      const origin = block.origins[Math.floor(index / HORIZON)] ?? 0;
      actual.push(valueOf(block.series, origin + 1 + (index % HORIZON)));
      said[0]?.push(means[index] ?? Number.NaN);
      for (const [column] of opponents.entries()) {
        said[column + 1]?.push(block.naive[index * opponents.length + column] ?? Number.NaN);
      }
    }
  }
  expect(actual).toHaveLength(60 * TEST_DAYS * HORIZON);
  return new Map(
    ['ridge', ...opponents].map((name, column) => {
      const mean = Float64Array.from(said[column] ?? []);
      return [name, wape({ actual: Float64Array.from(actual), mean }).value];
    }),
  );
};

beforeAll(async () => {
  const series = await flightsCounts(60);
  panel = { series, holidays: null };
  end = endOf(series);
}, 120_000);

afterAll(() => runtime.close());

describe('hourly departures of 60 airports, last 42 days, one origin a day', () => {
  it('are forecast better by the ridge than by any naive opponent', async () => {
    const wapes = await errors(await train(end - TEST_DAYS * 24));
    expect(wapes.get('naive-24')).toBeCloseTo(0.1908, 3);
    expect(wapes.get('naive-168')).toBeCloseTo(0.1823, 3);
    expect(wapes.get('slot-mean')).toBeCloseTo(0.1525, 3);
    expect(wapes.get('ridge')).toBeLessThan(0.147);
  }, 120_000);
});

describe('the judge and the gate, on the same departures', () => {
  let good: JudgedForecaster;
  beforeAll(async () => {
    const { fitUntil } = judgingSlice(schema, end);
    good = { forecaster: await train(fitUntil), featureSchema: schema };
  }, 120_000);

  it('promote a first ridge against the best naive opponent', async () => {
    const judgement = await judge(
      { panel, toPeriod: end, candidate: good, champion: null },
      signal,
    );
    const verdict = promotionGate(judgement, { minImprovement: 0.05 }, 'request-1');
    expect(verdict).toMatchObject({ promote: true, reasons: [], targets: 672, excluded: 0 });
    expect(verdict.pairs).toBeGreaterThan(100_000);
    expect(verdict.comparisons[0]?.rival).toBe('slot-mean');
    expect(verdict.comparisons[0]?.improvement).toBeGreaterThan(0.05);
  }, 120_000);

  it('reject a ridge that learnt from shuffled targets, with its numbers', async () => {
    const { fitUntil } = judgingSlice(schema, end);
    const shuffled = await train(fitUntil, { shuffleTargets: 'noise' });
    const candidate = { forecaster: shuffled, featureSchema: schema };
    const judgement = await judge({ panel, toPeriod: end, candidate, champion: good }, signal);
    const verdict = promotionGate(judgement, { minImprovement: 0.05 }, 'request-1');
    expect(verdict.promote).toBe(false);
    expect(verdict.reasons.length).toBeGreaterThanOrEqual(4);
    const [champion, naive] = verdict.comparisons;
    expect(champion?.improvement).toBeLessThan(-0.2);
    expect(champion?.test.pValue).toBeGreaterThan(0.99);
    expect(naive).toMatchObject({ rival: 'slot-mean' });
    expect(naive?.improvement).toBeLessThan(-0.1);
    expect(judgement.champion?.wape).toBeLessThan(judgement.candidate.wape ?? 0);
  }, 120_000);

  it('see nothing that the fit saw, with one horizon between', () => {
    expect(judgingSlice(schema, end)).toEqual({
      fitUntil: end - 672 - HORIZON,
      from: end - 672,
      to: end,
    });
  });
});
