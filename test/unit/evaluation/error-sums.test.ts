import { describe, expect, it } from 'vitest';
import { exactValue } from '../../../src/core/exact-sum.ts';
import { seededRandom } from '../../../src/core/random.ts';
import { mergeSums, metricsOf, reshapeSums } from '../../../src/evaluation/error-sums.ts';
import { StepSums } from '../../../src/evaluation/step-sums.ts';
import { canonicalSum } from '../../../src/evaluation/two-word-sum.ts';
import { intervalMetrics } from '../../oracles/interval-metrics.ts';
import * as metrics from '../../oracles/paired-metrics.ts';
import { columnsOf } from '../../support/columnar-scores.ts';
import { LEVELS, NAIVE_NAMES, randomStep, stepOf } from '../../support/scores.ts';

const SHAPE = { levels: LEVELS, naiveNames: NAIVE_NAMES, horizon: 1 };

const sumsOf = (...pairs: readonly (readonly [actual: number, given: object])[]) => {
  const sums = new StepSums(SHAPE);
  for (const [actual, given] of pairs) sums.add(columnsOf([stepOf(given)]), actual, 1);
  return sums.sumsOf(1);
};

describe('error sums', () => {
  it('say of one pair what the definitions say', () => {
    expect(metricsOf(sumsOf([10, {}]), SHAPE)).toEqual({
      count: 1,
      excluded: 0,
      mae: 2,
      rmse: 2,
      wape: 0.2,
      bias: 0.2,
      mape: 20,
      mape_excluded: 0,
      smape: (200 * 2) / 22,
      mase: 1,
      mase_excluded: 0,
      coverage_80: 1,
      coverage_80_excluded: 0,
      winkler_80: 6,
      width_80: 6,
      coverage_95: 1,
      coverage_95_excluded: 0,
      winkler_95: 8,
      width_95: 8,
      pinball: ((6 * (1 - 0.8)) / 4 + (8 * (1 - 0.95)) / 4) / 2,
      'skill_vs_naive-24': 1 - 2 / 3,
      'skill_vs_naive-24_excluded': 0,
      'skill_vs_slot-mean': 0.5,
      'skill_vs_slot-mean_excluded': 0,
      skill: 1 - 2 / 3,
    });
  });

  it('tell no skill beside an opponent that is never off', () => {
    const values = metricsOf(sumsOf([10, { naive: Float32Array.of(10, 14) }]), SHAPE);
    expect(values).toMatchObject({ 'skill_vs_naive-24': null, 'skill_vs_slot-mean': 0.5 });
    expect(values['skill']).toBeNull();
  });

  it('see an actual on a published bound inside, in the precision of bounds', () => {
    const bounds = { lower: Float32Array.of(0.1, 0.1), upper: Float32Array.of(0.7, 0.7) };
    expect(Math.fround(0.7)).toBeLessThan(0.7);
    expect(metricsOf(sumsOf([0.7, bounds]), SHAPE)).toMatchObject({ coverage_80: 1 });
    expect(metricsOf(sumsOf([0.70001, bounds]), SHAPE)).toMatchObject({ coverage_80: 0 });
  });

  it('agree with the metrics over lists of pairs', () => {
    const random = seededRandom('sums');
    const sums = new StepSums(SHAPE);
    const steps = Array.from({ length: 500 }, () => randomStep(random, { step: 1 }));
    const actual = Float64Array.from(steps, () => Math.max(0, Math.round(random.normal() * 3)));
    for (const [index, step] of steps.entries()) sums.add(columnsOf([step]), actual[index] ?? 0, 1);
    const values = metricsOf(sums.sumsOf(1), SHAPE);
    const pairs = { actual, mean: Float64Array.from(steps, ({ mean }) => mean) };
    const scales = Float64Array.from(steps, ({ scale }) => scale);
    const naive = Float64Array.from(steps, (step) => step.naive[0] ?? Number.NaN);
    const expected: Record<string, metrics.Metric> = {
      mae: metrics.mae(pairs),
      rmse: metrics.rmse(pairs),
      wape: metrics.wape(pairs),
      bias: metrics.bias(pairs),
      mape: metrics.mape(pairs),
      smape: metrics.smape(pairs),
      mase: metrics.mase(pairs, scales),
      'skill_vs_naive-24': metrics.skill(pairs, naive),
    };
    for (const [name, { value, excluded }] of Object.entries(expected)) {
      expect(values[name], name).toBeCloseTo(value ?? Number.NaN, 12);
      expect(values[`${name}_excluded`] ?? 0, name).toBe(excluded);
      expect(value).not.toBeNull();
    }
    const losses = [80, 95].map((level, at) => {
      const lower = steps.map((step) => step.lower[at] ?? Number.NaN);
      const upper = steps.map((step) => step.upper[at] ?? Number.NaN);
      const interval = intervalMetrics({ actual, lower, upper, level });
      expect(values[`coverage_${level}`]).toBe(interval.coverage);
      expect(values[`winkler_${level}`]).toBeCloseTo(interval.winkler ?? 0, 10);
      expect(values[`width_${level}`]).toBeCloseTo(interval.width ?? 0, 10);
      return interval.pinball ?? Number.NaN;
    });
    expect(values['pinball']).toBeCloseTo(((losses[0] ?? 0) + (losses[1] ?? 0)) / 2, 10);
  });

  it('count what a definition leaves out instead of dividing by nothing', () => {
    const values = metricsOf(
      sumsOf(
        [0, { mean: 1, scale: 0 }],
        [Number.NaN, {}],
        [2, { naive: Float32Array.of(Number.NaN, 1) }],
      ),
      SHAPE,
    );
    expect(values).toMatchObject({ count: 2, excluded: 1, mape_excluded: 1, mase_excluded: 1 });
    expect(values['skill_vs_naive-24_excluded']).toBe(1);
    // Only the pair that the opponent has too: |1 − 0| against |13 − 0|.
    expect(values['skill_vs_naive-24']).toBe(1 - 1 / 13);
  });

  it('have no value where there is no pair', () => {
    const values = metricsOf(new StepSums(SHAPE).sumsOf(1), SHAPE);
    expect(values).toMatchObject({ count: 0, wape: null, mape: null, skill: null, pinball: null });
  });

  it('exclude a pair that would overflow', () => {
    expect(sumsOf([1e200, {}])).toMatchObject({ count: 0, excluded: 1 });
    expect(sumsOf([5e-324, { mean: 1 }])).toMatchObject({ count: 1, percentageCount: 0 });
  });

  it('keep what a sum of two words cannot hold', () => {
    const sums = new StepSums(SHAPE);
    const sizes = [1e140, 1, 1e-20, 1e-60, 1e-100, 1e-140];
    for (const size of sizes) sums.add(columnsOf([stepOf({ mean: size })]), 0, 1);
    expect(sums.spill.size).toBeGreaterThan(0);
    sums.add(columnsOf([stepOf({ mean: 1e140 })]), 0, -1);
    sums.add(columnsOf([stepOf({ mean: 1 })]), 0, -1);
    const left = sums.clone().sumsOf(1);
    expect(left.count).toBe(4);
    expect(exactValue(left.absoluteError)).toBe(1e-20);
    expect(left.absoluteError).toEqual(canonicalSum([1e-140, 1e-20, 1e-100, 1e-60]));
  });

  it('take steps in any order, with gaps and repetitions, and none beyond the horizon', () => {
    const random = seededRandom('order');
    const shape = { ...SHAPE, horizon: 5 };
    const steps = [3, 4, 2, 2, 6, 5, 0, 1, 3].map((step) => randomStep(random, { step }));
    steps[1] = { ...stepOf({ mean: 1e200 }), step: 4 };
    const [atOnce, oneByOne] = [new StepSums(shape), new StepSums(shape)];
    for (const sums of [atOnce, oneByOne])
      sums.add(columnsOf([{ ...stepOf({ mean: 6 }), step: 4 }]), 4, 1);
    for (const [actual, sign] of [
      [4, 1],
      [7, 1],
      [4, -1],
    ] as const) {
      atOnce.add(columnsOf(steps), actual, sign);
      for (const step of steps) oneByOne.add(columnsOf([step]), actual, sign);
    }
    const counts = [1, 2, 3, 4, 5].map((step) => atOnce.sumsOf(step).count);
    expect(counts).toEqual([1, 2, 2, 1, 1]);
    expect(atOnce.words).toEqual(oneByOne.words);
    expect(atOnce.sumsOf(4)).toMatchObject({ excluded: 1, signedError: Float64Array.of(2) });
  });

  it('take another shape, where what they lack is no pair of theirs', () => {
    const sums = sumsOf([10, {}]);
    const wider = { levels: Float64Array.of(50, 80), naiveNames: ['slot-mean', 'other'] };
    const reshaped = reshapeSums(sums, SHAPE, wider);
    const values = metricsOf(mergeSums([reshaped, reshaped], wider), wider);
    expect(values).toMatchObject({ count: 2, coverage_50: null, coverage_80: 1 });
    expect(values).toMatchObject({ 'skill_vs_slot-mean': 0.5, skill_vs_other: null });
    expect(values['skill_vs_other_excluded']).toBe(2);
    expect(values['coverage_50_excluded']).toBe(2);
  });
});

describe('canonicalSum', () => {
  it('is the same for every way to write the same number', () => {
    const one = canonicalSum([1, 2 ** -53, 2 ** -54]);
    expect(one).toEqual(canonicalSum([2 ** -54, 0.5, 2 ** -53, 0.5]));
    expect(exactValue(one)).toBe(1 + 2 ** -52);
    expect(canonicalSum([])).toHaveLength(0);
    expect(canonicalSum([1, -1])).toHaveLength(0);
  });
});
