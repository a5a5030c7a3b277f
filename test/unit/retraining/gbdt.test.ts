import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../src/core/random.ts';
import { ensembleValue } from '../../../src/models/trees/tree-ensemble.ts';
import { TreeInputs } from '../../../src/models/trees/tree-inputs.ts';
import { treeMeans } from '../../../src/models/trees/tree-model.ts';
import { openOnnxForecaster } from '../../../src/models/onnx/onnx-forecaster.ts';
import { compileFeatures } from '../../../src/features/feature-plan.ts';
import { ownedWindow } from '../../../src/features/series-window.ts';
import {
  BINS_MAX,
  binOf,
  edgesOf,
  thresholdOf,
} from '../../../src/retraining/trainers/gbdt/bins.ts';
import { gbdtTrainer } from '../../../src/retraining/trainers/gbdt/gbdt.ts';
import { fitGbdt } from '../../../src/retraining/trainers/gbdt/gbdt-fit.ts';
import { medianOf } from '../../../src/retraining/trainers/gbdt/median.ts';
import { TreeGrower } from '../../../src/retraining/trainers/gbdt/tree-grower.ts';
import { fitRidge } from '../../../src/retraining/trainers/ridge-fit.ts';
import { LinearInputs, linearMeans } from '../../../src/models/linear-model.ts';
import { folded, FOLDED_HOURS } from '../../support/folded-series.ts';
import { HORIZON, hourlySchema } from '../../support/hourly-schema.ts';

const values = fc.array(
  fc.oneof(fc.integer({ min: -5, max: 5 }), fc.double({ noNaN: true, noDefaultInfinity: true })),
  { minLength: 1, maxLength: 400 },
);

describe('the median', () => {
  it('is the lower middle of the sorted values', () => {
    fc.assert(
      fc.property(values, (all) => {
        const sorted = Float64Array.from(all).sort();
        const found = medianOf(Float64Array.from(all), all.length);
        // Whichever zero it is.
        expect(found === sorted[(all.length - 1) >> 1]).toBe(true);
      }),
    );
    expect(medianOf(new Float64Array(3), 0)).toBe(0);
  });
});

describe('the bins of an input', () => {
  it('keep the order of its values, and what is missing apart', () => {
    fc.assert(
      fc.property(values, (all) => {
        const edges = edgesOf(Float64Array.from(all));
        expect(edges.length).toBeLessThanOrEqual(BINS_MAX - 2);
        for (const [at, edge] of edges.entries())
          expect(edge > (edges[at - 1] ?? -Infinity)).toBe(true);
        for (const value of [...all, 1e300, -1e300]) {
          const bin = binOf(edges, value);
          for (let other = 0; other <= edges.length; other += 1) {
            expect(value <= thresholdOf(edges, other)).toBe(bin <= other);
          }
        }
        expect(binOf(edges, Number.NaN)).toBe(edges.length + 1);
        expect(binOf(edges, Number.NaN)).toBeLessThan(BINS_MAX);
      }),
    );
  });
});

describe('a tree', () => {
  /** By trying every split. */
  const bestGain = (columns: readonly Uint8Array[], signs: Int8Array, leafMin: number): number => {
    const count = signs.length;
    const part = (some: readonly number[]): number => some.reduce((sum, one) => sum + one, 0);
    let best = 0;
    for (const column of columns) {
      for (let bin = 0; bin < BINS_MAX; bin += 1) {
        const [left, right] = [[] as number[], [] as number[]];
        for (let at = 0; at < count; at += 1) {
          ((column[at] ?? 0) <= bin ? left : right).push(signs[at] ?? 0);
        }
        if (left.length < leafMin || right.length < leafMin) continue;
        const gain = part(left) ** 2 / left.length + part(right) ** 2 / right.length;
        best = Math.max(best, gain - part([...signs]) ** 2 / count);
      }
    }
    return best;
  };

  it('splits where an exhaustive search does, and keeps its leaves large', () => {
    const sample = fc.record({
      bins: fc.array(fc.tuple(fc.nat(20), fc.nat(3)), { minLength: 2, maxLength: 120 }),
      seed: fc.string(),
      leafMin: fc.integer({ min: 1, max: 10 }),
    });
    fc.assert(
      fc.property(sample, ({ bins, seed, leafMin }) => {
        const random = seededRandom(seed);
        const columns = [0, 1].map((input) => Uint8Array.from(bins, (row) => row[input] ?? 0));
        const signs = Int8Array.from(bins, () => random.int(3) - 1);
        const order = Int32Array.from(bins, (_, at) => at);
        const leaves: number[][] = [];
        const grower = new TreeGrower(columns, { depthMax: 1, leafMin });
        const tree = grower.grow(signs, { drawn: order, inputs: [0, 1] }, (all, from, to) => {
          leaves.push([...all.subarray(from, to)]);
          return 0;
        });
        expect(leaves.flat().sort((one, other) => one - other)).toEqual(bins.map((_, at) => at));
        const sumOf = (leaf: readonly number[]): number =>
          leaf.reduce((sum, at) => sum + (signs[at] ?? 0), 0);
        const all = sumOf(leaves.flat()) ** 2 / bins.length;
        const gain = leaves.reduce((sum, leaf) => sum + sumOf(leaf) ** 2 / leaf.length, -all);
        expect(gain).toBeCloseTo(bestGain(columns, signs, leafMin), 6);
        if (tree.features.length > 1) {
          for (const leaf of leaves) expect(leaf.length).toBeGreaterThanOrEqual(leafMin);
        }
      }),
    );
  });
});

const series = ['a', 'b', 'c', 'd'].map(folded);
const toPeriod = FOLDED_HOURS - 24 * 14;
const schema = hourlySchema();
const SMALL = { trees: 40, rate: 0.2, samplesEnough: 60_000 };
const input = { featureSchema: schema, series, holidays: null, fromPeriod: 0, toPeriod, seed: 's' };

/** Mean absolute error over the last weeks, of means that are written for each row. */
const errorOf = (write: (row: Float64Array, out: Float64Array) => void): number => {
  const plan = compileFeatures(schema);
  const [row, out] = [new Float64Array(plan.width), new Float64Array(HORIZON)];
  let [sum, count] = [0, 0];
  for (const { values: own } of series) {
    const window = ownedWindow(plan.lookback + 1);
    for (let origin = 0; origin < FOLDED_HOURS - HORIZON; origin += 1) {
      window.append(origin, own[origin] ?? 0);
      if (origin < toPeriod || origin % 12 !== 0) continue;
      plan.write(window, origin, row, 0);
      write(row, out);
      for (const [step, mean] of out.entries()) {
        sum += Math.abs(mean - (own[origin + 1 + step] ?? 0));
        count += 1;
      }
    }
  }
  return sum / count;
};

describe('the tree trainer', () => {
  it('learns what a linear model cannot', { timeout: 60_000 }, () => {
    const { model, rows } = fitGbdt(input, SMALL);
    expect(rows).toBeGreaterThan(1_000);
    const inputs = new TreeInputs(model.design);
    const ofTrees = errorOf((row, out) => {
      inputs.read(row, 0);
      treeMeans(model, inputs, { row, at: 0, out });
    });
    const linear = fitRidge(input, {}).model;
    const linearInputs = new LinearInputs(linear.design);
    const ofRidge = errorOf((row, out) => {
      linearInputs.read(row, 0);
      linearMeans(linear, linearInputs, { row, at: 0, out });
    });
    expect(ofRidge).toBeGreaterThan(2 * ofTrees);
  });

  it('gives equal trees for an equal seed, and others for another', { timeout: 60_000 }, () => {
    const few = { ...SMALL, trees: 8, samplesEnough: 20_000 };
    const one = fitGbdt(input, few).model.ensemble;
    expect(fitGbdt(input, few).model.ensemble).toEqual(one);
    expect(fitGbdt({ ...input, seed: 'other' }, few).model.ensemble).not.toEqual(one);
  });

  it('is served as it was trained', { timeout: 60_000 }, async () => {
    const { signal } = new AbortController();
    const few = { ...SMALL, trees: 12, samplesEnough: 20_000 };
    const { artifact, ...candidate } = await gbdtTrainer(few).train(
      { ...input, holidays: undefined as never },
      signal,
    );
    expect(candidate).toMatchObject({ trainer: 'gbdt', horizon: HORIZON, seriesCount: 4 });
    const forecaster = await openOnnxForecaster({ artifact, name: 'g', version: '1', workers: 1 });
    const { model } = fitGbdt(input, few);
    const plan = compileFeatures(schema);
    const window = ownedWindow(plan.lookback + 1);
    for (let hour = 0; hour < toPeriod; hour += 1)
      window.append(hour, series[0]?.values[hour] ?? 0);
    const [row, out] = [new Float64Array(plan.width), new Float64Array(HORIZON)];
    plan.write(window, toPeriod - 1, row, 0);
    const inputs = new TreeInputs(model.design);
    inputs.read(row, 0);
    treeMeans(model, inputs, { row, at: 0, out });
    const means = await forecaster.predict(row, 1);
    await forecaster.close();
    for (const [step, mean] of out.entries()) {
      expect(Math.abs((means[step] ?? 0) - mean)).toBeLessThan(1e-6 * Math.abs(mean));
    }
    expect(ensembleValue(model.ensemble, inputs.steps, 0)).not.toBe(model.ensemble.base);
  });
});
