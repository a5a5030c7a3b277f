import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { backtest, type BacktestOptions } from '../../src/evaluation/backtest.ts';
import type { BacktestForecast } from '../../src/evaluation/backtest-forecast.ts';
import type { SeriesHistory } from '../../src/evaluation/history.ts';
import { defaultFeatures } from '../../src/features/default-features.ts';
import { plainRidge } from '../support/linear-forecaster.ts';

const LENGTH = 150;
const FIRST = 11_000;
// Longer than the season, so that some errors of the latest earlier origin have not matured.
const HORIZON = 10;

const schema = defaultFeatures({
  frequency: '1d',
  timeZone: 'UTC',
  holidays: null,
  seasons: [7],
  horizon: HORIZON,
  lags: [1, 7],
  rolling: { windows: [7], statistics: ['mean', 'std'] },
  calendar: ['dayofweek'],
});

const value = fc.oneof(
  { weight: 20, arbitrary: fc.integer({ min: 0, max: 100 }) },
  { weight: 1, arbitrary: fc.constant(Number.NaN) },
);
const values = fc
  .array(value, { minLength: LENGTH, maxLength: LENGTH })
  .map((list) => Float64Array.from(list));
const panel = fc.array(values, { minLength: 1, maxLength: 3 });

const options = (histories: readonly Float64Array[]): BacktestOptions => ({
  panel: {
    series: histories.map((history, index): SeriesHistory => ({
      seriesId: `s${index}`,
      firstPeriod: FIRST,
      values: history,
    })),
    holidays: null,
  },
  featureSchema: schema,
  split: { kind: 'rolling', origins: 3, every: 5 },
  refit: 'every',
  levels: [80, 95],
  fit: plainRidge,
});

/** All that forecasts say, with nothing of what came. */
const sayings = async (histories: readonly Float64Array[]): Promise<BacktestForecast[]> => {
  const forecasts: BacktestForecast[] = [];
  for await (const forecast of backtest(options(histories), new AbortController().signal)) {
    forecasts.push({ ...forecast, actual: new Float64Array(0) });
  }
  return forecasts;
};

describe('a backtest', () => {
  it('forecasts the same whatever comes after the origin', async () => {
    let compared = 0;
    let moved = 0;
    const check = async (
      histories: Float64Array[],
      others: Float64Array[],
      cut: number,
    ): Promise<void> => {
      const origin = LENGTH - 1 - HORIZON - 5 * cut;
      const changed = (from: number) =>
        histories.map((history, index) =>
          history.map((one, at) =>
            at < from ? one : (others[index % others.length]?.[at] ?? one),
          ),
        );
      const before = (all: readonly BacktestForecast[]) =>
        all.filter((forecast) => forecast.origin <= FIRST + origin);
      const calm = before(await sayings(histories));
      const after = before(await sayings(changed(origin + 1)));
      expect(after).toEqual(calm);
      // Mean, four bounds and two opponents a step.
      compared += calm.length * HORIZON * 7;
      const touched = before(await sayings(changed(origin)));
      if (JSON.stringify(touched) !== JSON.stringify(calm)) moved += 1;
    };
    await fc.assert(fc.asyncProperty(panel, panel, fc.integer({ min: 0, max: 2 }), check), {
      numRuns: 60,
      seed: 20_010_630,
    });
    expect(compared).toBeGreaterThan(10_000);
    // The same change one period earlier does move them: the comparison is able to see one.
    expect(moved).toBeGreaterThan(50);
  }, 120_000);
});
