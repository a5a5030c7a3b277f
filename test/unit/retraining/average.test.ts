import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../src/core/random.ts';
import { compileFeatures } from '../../../src/features/feature-plan.ts';
import { ownedWindow } from '../../../src/features/series-window.ts';
import { memberMeans } from '../../../src/models/average/member.ts';
import { openOnnxForecaster } from '../../../src/models/onnx/onnx-forecaster.ts';
import type { TrainingSeries } from '../../../src/retraining/trainer.ts';
import { averageTrainer } from '../../../src/retraining/trainers/average/average.ts';
import { fitAverage } from '../../../src/retraining/trainers/average/average-fit.ts';
import { candidatesOf } from '../../../src/retraining/trainers/average/candidates.ts';
import { equal, HeldErrors, setsOf } from '../../../src/retraining/trainers/average/choice.ts';
import { folded, FOLDED_HOURS } from '../../support/folded-series.ts';
import { HORIZON, hourlySchema } from '../../support/hourly-schema.ts';

const schema = hourlySchema();
const SMALL = { trees: 15, rate: 0.3, samplesEnough: 20_000 };
const inputOf = (series: readonly TrainingSeries[]) => ({
  ...{ featureSchema: schema, series, holidays: null, fromPeriod: 0 },
  ...{ toPeriod: FOLDED_HOURS, seed: 's' },
});

/** Each hour is drawn to that of the day before, and noise: nothing for trees to find. */
const linear = (seriesId: string): TrainingSeries => {
  const random = seededRandom(seriesId);
  const values = new Float64Array(FOLDED_HOURS);
  for (let hour = 0; hour < FOLDED_HOURS; hour += 1) {
    const before = hour < 24 ? 0 : (values[hour - 24] ?? 0);
    values[hour] = 0.8 * before + random.normal();
  }
  return { seriesId, firstPeriod: 0, values };
};

/** A large day, and a distance from it that hardly changes from one hour to the next. */
const drifting = (seriesId: string): TrainingSeries => {
  const random = seededRandom(seriesId);
  const values = new Float64Array(FOLDED_HOURS);
  let apart = 0;
  for (let hour = 0; hour < FOLDED_HOURS; hour += 1) {
    apart = 0.98 * apart + 0.1 * random.normal();
    values[hour] = 20 + 10 * Math.sin((2 * Math.PI * hour) / 24) + apart;
  }
  return { seriesId, firstPeriod: 0, values };
};

describe('the choice of members', () => {
  it('knows every set but the empty one, each once', () => {
    expect(setsOf(2).map((set) => [...set])).toEqual([
      [1, 0],
      [0, 1],
      [1, 1],
    ]);
    expect(new Set(setsOf(4).map(String)).size).toBe(15);
  });

  it('scores a weighted mean as a plain loop does', () => {
    const numbers = fc.array(fc.double({ min: -3, max: 3, noNaN: true }), {
      minLength: 4,
      maxLength: 4,
    });
    fc.assert(
      fc.property(fc.array(numbers, { minLength: 1, maxLength: 20 }), (rows) => {
        const errors = new HeldErrors(3);
        for (const [actual = 0, ...means] of rows) {
          const columns = means.map((mean) => Float64Array.of(mean, 7));
          errors.add(columns, Float64Array.of(actual, Number.NaN), 2);
        }
        for (const weights of [...setsOf(3).map(equal), [0.2, 0.5, 0.3]]) {
          const ofRow = ([actual = 0, ...means]: readonly number[]): number =>
            Math.abs(actual - means.reduce((sum, mean, at) => sum + mean * (weights[at] ?? 0), 0)) /
            2;
          const expected = rows.reduce((sum, row) => sum + ofRow(row), 0) / rows.length;
          expect(errors.of(weights)).toBeCloseTo(expected, 8);
        }
      }),
    );
  });

  it('is not made by a series that was still and wakes', () => {
    const errors = new HeldErrors(2);
    for (let row = 0; row < 20; row += 1) {
      errors.add([Float64Array.of(1), Float64Array.of(2)], Float64Array.of(0), 1);
    }
    // Next to no scale: a thousand million of it would say that the second one is as good.
    errors.add([Float64Array.of(100), Float64Array.of(99)], Float64Array.of(0), 1e-7);
    expect([...errors.alone].map((error) => error < 3)).toEqual([true, true]);
    expect(errors.choose()?.[0]).toBeGreaterThan(0.97);
  });

  it('leaves out steps that one of them says nothing of', () => {
    const errors = new HeldErrors(2);
    errors.add([Float64Array.of(1, Number.NaN), Float64Array.of(3, 4)], Float64Array.of(0, 0), 1);
    expect([...errors.alone]).toEqual([1, 3]);
    expect(new HeldErrors(2).choose()).toBeUndefined();
  });

  it('says what a member brings, and what another one would', () => {
    const errors = new HeldErrors(3);
    const columns = [Float64Array.of(4), Float64Array.of(-4), Float64Array.of(8)];
    errors.add(columns, Float64Array.of(0), 2);
    const [one, , three] = errors.scores(Float64Array.of(0.5, 0.5, 0));
    expect(one).toEqual({ error: 2, otherwise: 2 });
    // Twice as far off, it counts for 2⁻⁸ of another one.
    expect(three?.error).toBe(4);
    expect(three?.otherwise).toBeCloseTo(8 / 2 ** 8 / (2 + 1 / 2 ** 8) / 2, 12);
    const [alone] = errors.scores(Float64Array.of(1, 0, 0));
    expect(alone).toEqual({ error: 2, otherwise: null });
  });

  it('takes the largest set that is as good as the best within a twentieth', () => {
    const add = (...means: readonly number[]): readonly number[] | undefined => {
      const errors = new HeldErrors(means.length);
      const columns = means.map((mean) => Float64Array.of(mean));
      errors.add(columns, Float64Array.of(0), 1);
      const weights = errors.choose();
      return weights && [...weights.keys()].filter((place) => (weights[place] ?? 0) > 0);
    };
    expect(add(1, 1.09, 5)).toEqual([0, 1]);
    expect(add(1, 1.11, 5)).toEqual([0]);
    expect(add(1, -1.2, 5)).toEqual([0, 1]);
    // Lost among ten others, and left out.
    const ten = Array.from({ length: 10 }, () => 1);
    expect(add(...ten, 1.49)).toHaveLength(11);
    expect(add(...ten, 1.51)).toHaveLength(10);
  });

  it('lets a member count the less the farther off it is', () => {
    const errors = new HeldErrors(3);
    const columns = [Float64Array.of(1), Float64Array.of(-1.1), Float64Array.of(9)];
    errors.add(columns, Float64Array.of(0), 1);
    const [one = 0, two = 0, three] = errors.choose() ?? [];
    expect(two / one).toBeCloseTo(1.1 ** -8, 12);
    expect(one + two).toBeCloseTo(1, 12);
    expect(three).toBe(0);
    const exact = new HeldErrors(2);
    exact.add([Float64Array.of(5), Float64Array.of(5)], Float64Array.of(5), 1);
    expect([...(exact.choose() ?? [])]).toEqual([0.5, 0.5]);
  });
});

describe('the average trainer', () => {
  it('leaves a linear model out where trees see more', { timeout: 60_000 }, () => {
    const fit = fitAverage(inputOf(['a', 'b', 'c', 'd'].map(folded)), { ...SMALL, trees: 40 });
    expect(fit.names).not.toContain('ridge');
    expect(fit.names.some((name) => name.endsWith('-trees'))).toBe(true);
    expect(fit.members).toHaveLength(fit.names.length);
  });

  it('keeps it where there is nothing else to see', { timeout: 60_000 }, () => {
    const fit = fitAverage(inputOf(['a', 'b', 'c', 'd'].map(linear)), SMALL);
    expect(fit.names).toContain('ridge');
    // Values below zero have no logarithms.
    expect(fit.names).not.toContain('log-trees');
  });

  it('goes on from what it says where a series does', { timeout: 60_000 }, () => {
    const fit = fitAverage(inputOf(['a', 'b', 'c', 'd'].map(drifting)), SMALL);
    const { names, comparison } = fit;
    expect(names).toEqual(expect.arrayContaining(['autoregression', 'recursive-trees']));
    expect(names).not.toContain('level-trees');
    const scores = comparison?.candidates ?? [];
    expect(scores.filter(({ weight }) => weight > 0).map(({ name }) => name)).toEqual(names);
    expect(scores.every(({ error }) => error >= (comparison?.error ?? 0) / 1.05)).toBe(true);
    expect(scores.reduce((sum, { weight }) => sum + weight, 0)).toBeCloseTo(1, 12);
    const terms = schema.terms.filter(({ kind }) => kind !== 'deviation');
    const featureSchema = { ...schema, terms };
    const input = { ...inputOf([drifting('a')]), featureSchema };
    expect(candidatesOf(input).map(({ name }) => name)).not.toContain('recursive-trees');
  });

  it('holds nothing back where there is little', { timeout: 60_000 }, () => {
    const toPeriod = 24 * 7 * 4.5;
    const fit = fitAverage({ ...inputOf([folded('a')]), toPeriod }, SMALL);
    expect(fit.names).toEqual(['ridge', 'anchor-trees', 'log-trees', 'slot-trees']);
    expect(fit.rows).toBeGreaterThan(200);
    expect(fit.heldBack).toBeUndefined();
  });

  it('ignores what lies behind the training window', { timeout: 60_000 }, () => {
    const toPeriod = FOLDED_HOURS - 24 * 14;
    const average = (series: TrainingSeries) =>
      fitAverage({ ...inputOf([series]), toPeriod }, { ...SMALL, samplesEnough: 5_000 });
    const known = folded('a');
    const values = known.values.map((value, hour) => (hour < toPeriod ? value : -1e6));
    expect(average({ ...known, values })).toEqual(average(known));
    const other = known.values.map((value, hour) => (hour < toPeriod - 24 ? value : 1e3));
    expect(average({ ...known, values: other })).not.toEqual(average(known));
  });

  it(
    'serves the mean of its members, as the same bytes each time',
    { timeout: 60_000 },
    async () => {
      const series = ['a', 'b'].map(folded);
      const input = { ...inputOf(series), holidays: undefined as never };
      const trainer = averageTrainer(SMALL);
      const shares: number[] = [];
      const onProgress = (share: number): void => void shares.push(share);
      const { signal } = new AbortController();
      const { artifact, ...candidate } = await trainer.train({ ...input, onProgress }, signal);
      expect(candidate).toMatchObject({ trainer: 'average', horizon: HORIZON, seriesCount: 2 });
      expect(shares.at(-1)).toBe(1);
      expect(shares.every((share, at) => share >= (shares[at - 1] ?? 0))).toBe(true);
      const again = await trainer.train({ ...input, series: [...series].reverse() }, signal);
      expect(again.sha256).toBe(candidate.sha256);

      const plan = compileFeatures(schema);
      const window = ownedWindow(plan.lookback + 1);
      for (let hour = 0; hour < FOLDED_HOURS; hour += 1) {
        window.append(hour, series[0]?.values[hour] ?? 0);
      }
      const [row, out] = [new Float64Array(plan.width), new Float64Array(HORIZON)];
      plan.write(window, FOLDED_HOURS - 1, row, 0);
      const expected = new Float64Array(HORIZON);
      const { members } = fitAverage(inputOf(series), SMALL);
      for (const { member, weight } of members) {
        memberMeans(member)(row, out);
        for (const [step, mean] of out.entries()) {
          expected[step] = (expected[step] ?? 0) + weight * mean;
        }
      }
      const forecaster = await openOnnxForecaster({
        artifact,
        name: 'a',
        version: '1',
        workers: 1,
      });
      const means = await forecaster.predict(row, 1);
      await forecaster.close();
      for (const [step, mean] of expected.entries()) {
        expect(Math.abs((means[step] ?? 0) - mean)).toBeLessThan(1e-6 * Math.abs(mean));
      }
    },
  );
});
