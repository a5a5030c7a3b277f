import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { endOf, type Panel } from '../../../src/evaluation/history.ts';
import type { Forecaster } from '../../../src/models/forecaster.ts';
import { openOnnxRuntime } from '../../../src/models/onnx/onnx-forecaster.ts';
import { judge, judgingSlice, type JudgedForecaster } from '../../../src/retraining/judge.ts';
import { promotionGate } from '../../../src/retraining/promotion-gate.ts';
import { ridgeTrainer } from '../../../src/retraining/trainers/ridge.ts';
import { flightsCounts } from '../../support/flights-counts.ts';
import { protocolErrors, TEST_DAYS } from '../../support/flights-protocol.ts';
import { HORIZON, hourlySchema } from '../../support/hourly-schema.ts';

const schema = hourlySchema();
const { signal } = new AbortController();
const runtime = openOnnxRuntime({ workers: 1 });

let panel: Panel;
let end: number;

const train = async (toPeriod: number): Promise<Forecaster> => {
  const { artifact } = await ridgeTrainer().train(
    { featureSchema: schema, series: panel.series, fromPeriod: 0, toPeriod, seed: 'protocol' },
    signal,
  );
  return runtime.open({ artifact, name: 'ridge', version: '1' });
};

beforeAll(async () => {
  const series = await flightsCounts(60);
  panel = { series, holidays: null };
  end = endOf(series);
}, 120_000);

afterAll(() => runtime.close());

describe('hourly departures of 60 airports, last 42 days, one origin a day', () => {
  it('are forecast better by the ridge than by any naive opponent', async () => {
    const wapes = await protocolErrors(await train(end - TEST_DAYS * 24), panel);
    expect(wapes.get('naive-24')).toBeCloseTo(0.1908, 3);
    expect(wapes.get('naive-168')).toBeCloseTo(0.1823, 3);
    expect(wapes.get('slot-mean')).toBeCloseTo(0.1525, 3);
    expect(wapes.get('model')).toBeLessThan(0.147);
  }, 120_000);
});

describe('the judge and the gate, on the same departures', () => {
  let good: JudgedForecaster;
  beforeAll(async () => {
    const { fitUntil } = judgingSlice(schema, { toPeriod: end });
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

  it('see nothing that the fit saw, with one horizon between', () => {
    expect(judgingSlice(schema, { toPeriod: end })).toEqual({
      fitUntil: end - 672 - HORIZON,
      from: end - 672,
      to: end,
    });
  });
});
