import { describe, expect, it } from 'vitest';
import { pinball, winkler } from '../../../src/evaluation/metrics.ts';
import { intervalMetrics } from '../../oracles/interval-metrics.ts';
import {
  bias,
  mae,
  mape,
  mase,
  nrmse,
  rmse,
  rmsse,
  skill,
  smape,
  wape,
} from '../../oracles/paired-metrics.ts';

const pairs = {
  actual: Float64Array.of(0, 2, 5, 10, 0),
  mean: Float64Array.of(1, 2, 3, 14, 0),
};

describe('metrics', () => {
  it('equal their definitions on five pairs', () => {
    expect(mae(pairs).value).toBeCloseTo(1.4, 12);
    expect(wape(pairs).value).toBeCloseTo(7 / 17, 12);
    expect(bias(pairs).value).toBeCloseTo(3 / 17, 12);
    expect(rmse(pairs).value).toBeCloseTo(2.0493901531919194, 12);
    expect(nrmse(pairs).value).toBeCloseTo(0.5430873044223361, 12);
    expect(mase(pairs, new Float64Array(5).fill(2)).value).toBeCloseTo(0.7, 12);
    expect(rmsse(pairs, new Float64Array(5).fill(3)).value).toBeCloseTo(1.1832159566199232, 12);
  });

  it('leaves zero actuals out of MAPE and says how many', () => {
    expect(mape(pairs)).toEqual({
      value: expect.closeTo(80 / 3, 10) as number,
      count: 3,
      excluded: 2,
    });
  });

  it("gives M4's sMAPE: 200 for a miss of zero, 0 for a hit of zero", () => {
    expect(smape({ actual: Float64Array.of(0), mean: Float64Array.of(3) }).value).toBe(200);
    expect(smape({ actual: Float64Array.of(0), mean: Float64Array.of(0) }).value).toBe(0);
    expect(smape(pairs).value).toBeCloseTo((200 + 0 + 50 + 800 / 24 + 0) / 5, 10);
  });

  it('excludes and counts missing sides and zero scales', () => {
    const gaps = {
      actual: Float64Array.of(1, Number.NaN, 3),
      mean: Float64Array.of(1, 2, Number.NaN),
    };
    expect(mae(gaps)).toEqual({ value: 0, count: 1, excluded: 2 });
    expect(mase(pairs, Float64Array.of(0, 1, 1, 1, 0))).toEqual({
      value: 2,
      count: 3,
      excluded: 2,
    });
  });

  it('says null where a denominator is 0', () => {
    const zeros = { actual: new Float64Array(3), mean: new Float64Array(3).fill(1) };
    expect([wape(zeros).value, bias(zeros).value, mape(zeros).value]).toEqual([null, null, null]);
    expect(mae({ actual: new Float64Array(0), mean: new Float64Array(0) }).value).toBeNull();
  });

  it('calls skill positive where errors are smaller than the opponent has', () => {
    expect(skill(pairs, Float64Array.of(2, 2, 1, 18, Number.NaN))).toEqual({
      value: 0.5,
      count: 4,
      excluded: 1,
    });
  });

  it('charges an interval its width and a miss 2/α times the distance', () => {
    expect(winkler(5, { lower: 4, upper: 8, level: 80 })).toBe(4);
    expect(winkler(2, { lower: 4, upper: 8, level: 80 })).toBeCloseTo(4 + 10 * 2, 10);
    expect(winkler(9, { lower: 4, upper: 8, level: 95 })).toBeCloseTo(4 + 40, 10);
    expect([pinball(10, 8, 0.9), pinball(6, 8, 0.9)]).toEqual([
      expect.closeTo(1.8, 12),
      expect.closeTo(0.2, 12),
    ]);
  });

  it('counts bounds as inside and missing ones as excluded', () => {
    const result = intervalMetrics({
      actual: Float64Array.of(1, 2, 3, Number.NaN, 9),
      lower: Float32Array.of(1, 0, 0, 0, 0),
      upper: Float32Array.of(4, 2, 1, 1, Number.NaN),
      level: 80,
    });
    expect(result).toMatchObject({ coverage: 2 / 3, count: 3, excluded: 2, width: 2 });
    expect(result.winkler).toBeCloseTo((3 + 2 + 1 + 20) / 3, 10);
  });
});
