import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../src/core/random.ts';
import { defaultFeatures } from '../../../src/features/default-features.ts';
import { differencesOf } from '../../../src/models/differences.ts';
import { autoregressionOf } from '../../../src/models/autoregression.ts';
import { linearDesign } from '../../../src/models/linear-design.ts';
import { fitRecursion } from '../../../src/retraining/trainers/average/recursion-fit.ts';
import { hourlySchema } from '../../support/hourly-schema.ts';

const DAYS = 1_500;

const daily = defaultFeatures({
  ...{ frequency: '1d', timeZone: 'UTC', holidays: null, seasons: [7], horizon: 7 },
  ...{ lags: [], rolling: { windows: [], statistics: [] }, calendar: [] },
});

/** Sixty in a hundred of each change come again, upon a level that goes anywhere. */
const drawn = (seriesId: string, unit: number) => {
  const random = seededRandom(seriesId);
  const values = new Float64Array(DAYS);
  let change = 0;
  for (let day = 1; day < DAYS; day += 1) {
    change = 0.6 * change + unit * random.normal();
    values[day] = (values[day - 1] ?? 0) + change;
  }
  return { seriesId, firstPeriod: 0, values };
};

const inputOf = (toPeriod: number) => ({
  ...{ featureSchema: daily, series: [drawn('a', 1), drawn('b', 1e6)] },
  ...{ holidays: null, fromPeriod: 0, toPeriod },
});

describe('a fit of a recursion', () => {
  it('finds by how much changes come again, of series of any size', () => {
    const recursion = differencesOf(daily, linearDesign(daily));
    if (recursion === undefined) throw new Error('none');
    const { model, rows } = fitRecursion(inputOf(DAYS), recursion);
    expect(rows).toBeGreaterThan(2 * (DAYS - 200));
    const first = [...model.scalarWeights.subarray(0, recursion.lags.length)];
    expect(Math.abs((first[0] ?? 0) - 0.6)).toBeLessThan(0.05);
    for (const other of first.slice(1)) expect(Math.abs(other)).toBeLessThan(0.08);
    // Steps add up: 0.6 + 0.36 and so on.
    const width = model.design.scalars.length;
    expect(Math.abs((model.scalarWeights[width] ?? 0) - 0.96)).toBeLessThan(0.1);
  });

  it('learns from the targets of its window alone', () => {
    const recursion = differencesOf(daily, linearDesign(daily));
    if (recursion === undefined) throw new Error('none');
    const input = inputOf(1_000);
    const [one] = input.series;
    const values = one?.values.map((value, day) => (day < 1_000 ? value : 1e9));
    const other = { ...input, series: [{ ...one, values }, ...input.series.slice(1)] } as never;
    expect(fitRecursion(other, recursion)).toEqual(fitRecursion(input, recursion));
  });

  it.each([
    ['all values', { share: 0.9, gap: Infinity, jump: 0 }],
    ['every twentieth value missing', { share: 0.98, gap: 20, jump: 0 }],
    ['values that are far off', { share: 0.98, gap: Infinity, jump: 60 }],
  ])('finds how far what is off goes on, hour by hour, with %s', (_, { share, gap, jump }) => {
    const schema = hourlySchema();
    const recursion = autoregressionOf(schema, linearDesign(schema));
    if (recursion === undefined) throw new Error('none');
    const random = seededRandom('hours');
    const values = new Float64Array(24 * 7 * 30);
    let apart = 0;
    for (const hour of values.keys()) {
      apart = share * apart + random.normal() + (hour % 1_000 === 999 ? jump : 0);
      const usual = 100 + 50 * Math.sin((2 * Math.PI * hour) / 24);
      values[hour] = hour % gap === gap - 1 ? Number.NaN : usual + apart;
    }
    const series = [{ seriesId: 'a', firstPeriod: 0, values }];
    const window = { holidays: null, fromPeriod: 0, toPeriod: values.length };
    const { model } = fitRecursion({ featureSchema: schema, series, ...window }, recursion);
    const width = model.design.scalars.length;
    const ofLatest = (step: number): number =>
      model.scalarWeights[step * width + (recursion.places.get(0) ?? 0)] ?? 0;
    expect(Math.abs(ofLatest(0) - share)).toBeLessThan(0.12);
    expect(Math.abs(ofLatest(5) - share ** 6)).toBeLessThan(0.12);
  });
});
