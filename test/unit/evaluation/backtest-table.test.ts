import { describe, expect, it } from 'vitest';
import { BacktestTable } from '../../../src/evaluation/backtest-table.ts';
import type { BacktestForecast } from '../../../src/evaluation/backtest-forecast.ts';
import { bucketName, reportBuckets } from '../../../src/evaluation/report-buckets.ts';

const NONE = Number.NaN;

/** Two steps, one opponent, one level of 80 %. */
const forecastOf = (more: Partial<BacktestForecast> = {}): BacktestForecast => ({
  ...{ seriesId: 'a', origin: 10, model: 'm', strategy: 'direct', isRule: false },
  mean: Float64Array.of(10, 20),
  lower: [Float64Array.of(8, 19)],
  upper: [Float64Array.of(12, 21)],
  actual: Float64Array.of(13, 20),
  naive: Float64Array.of(12, 16),
  inSample: 2,
  inSampleSquared: 9,
  ...more,
});

/** Far off, in a small unit; the second actual is not known. */
const other = forecastOf({
  seriesId: 'b',
  actual: Float64Array.of(4, NONE),
  inSample: 1,
  inSampleSquared: 4,
});

const tableOf = (...forecasts: readonly BacktestForecast[]): BacktestTable => {
  const table = new BacktestTable(['naive-1'], [80]);
  for (const forecast of forecasts) table.add(forecast);
  return table;
};

describe('the table of a backtest', () => {
  it('averages MASE and RMSSE over series, not over pairs', () => {
    const [model, naive] = tableOf(forecastOf(), other).results();
    // a: (3 + 0) / 2 / 2; b: 6 / 1.
    expect(model?.mase).toBeCloseTo((0.75 + 6) / 2, 12);
    // a: √(((9 + 0) / 2) / 9); b: √(36 / 4).
    expect(model?.rmsse).toBeCloseTo((Math.sqrt(0.5) + 3) / 2, 12);
    expect(naive?.rmsse).toBeCloseTo((Math.sqrt((1 + 16) / 2 / 9) + Math.sqrt(64 / 4)) / 2, 12);
  });

  it('leaves a series without a seasonal difference out of what is scaled', () => {
    const flat = forecastOf({ seriesId: 'flat', inSample: 0, inSampleSquared: 0 });
    const [alone] = tableOf(flat).results();
    expect(alone).toMatchObject({ count: 2, mase: null, rmsse: null, rmse: Math.sqrt(4.5) });
    const [both] = tableOf(flat, forecastOf()).results();
    expect(both?.rmsse).toBeCloseTo(Math.sqrt(0.5), 12);
    expect([alone?.maseExcluded, both?.maseExcluded]).toEqual([2, 2]);
    const unborn = forecastOf({ inSample: NONE, inSampleSquared: NONE });
    expect(tableOf(unborn).results()[0]).toMatchObject({ mase: null, maseExcluded: 2 });
  });

  it('counts the pairs that a naive rule spoke for in the place of the model', () => {
    const rule = forecastOf({ strategy: 'naive-1', isRule: true });
    const [model, naive] = tableOf(rule, forecastOf(), { ...other, isRule: true }).results();
    // One pair of the other is not scored.
    expect(model).toMatchObject({ model: 'm', count: 5, ruleCount: 3 });
    expect(naive?.ruleCount).toBeNull();
  });

  it('bears the name of a model that spoke at all, whenever it did', () => {
    const none = forecastOf({ model: 'naive-ladder', strategy: 'naive-1', isRule: true });
    for (const forecasts of [
      [none, forecastOf()],
      [forecastOf(), none],
    ]) {
      expect(tableOf(...forecasts).results()[0]?.model).toBe('m');
    }
    expect(tableOf(none, none).results()[0]?.model).toBe('naive-ladder');
  });

  it('scores both quantiles of an interval, whose loss is α / 4 of the Winkler score', () => {
    const [level] = tableOf(forecastOf()).results()[0]?.levels ?? [];
    // 13 above 8..12: quantiles lose 0.1 · 5 and 0.9 · 1; 20 within 19..21: 0.1 · 1 each.
    expect(level?.pinball).toBeCloseTo(((0.5 + 0.9) / 2 + 0.1) / 2, 12);
    expect(level?.winkler).toBeCloseTo((4 + 10 * 1 + 2) / 2, 12);
    expect(level?.pinball).toBeCloseTo(((level?.winkler ?? 0) * 0.2) / 4, 12);
    expect(level).toMatchObject({ coverage: 0.5, width: 3 });
  });

  it('pools errors of neighbouring steps, beside those of the opponents', () => {
    const nine = new Float64Array(9).fill(1);
    const forecast = forecastOf({
      mean: Float64Array.from(nine, (_, step) => 1 + step),
      actual: nine,
      naive: nine.map(() => 3),
      ...{ lower: [nine], upper: [nine] },
    });
    const buckets = tableOf(forecast).buckets();
    expect(buckets.map(bucketName)).toEqual(['1-2', '3-4', '5-6', '7-8', '9']);
    expect(buckets.map(({ wape }) => wape)).toEqual([
      [0.5, 2],
      [2.5, 2],
      [4.5, 2],
      [6.5, 2],
      [8, 2],
    ]);
  });
});

describe('the list of series', () => {
  it('has the worst by MASE first, and whose error the whole is made of', () => {
    const series = tableOf(forecastOf(), other).series();
    expect(series).toEqual([
      {
        ...{ seriesId: 'b', count: 1, excluded: 1, mase: 6, wape: 6 / 4, bias: 6 / 4 },
        // The opponent was off by 8.
        ...{ skill: 0.25, share: 6 / 9 },
        levels: [{ level: 80, coverage: 0 }],
      },
      {
        ...{ seriesId: 'a', count: 2, excluded: 0, mase: 0.75, wape: 3 / 33, bias: -3 / 33 },
        // By 1 and 4.
        ...{ skill: expect.closeTo(0.4, 12) as number, share: 3 / 9 },
        levels: [{ level: 80, coverage: 0.5 }],
      },
    ]);
  });

  it('ends with series that have no MASE, and keeps those without one pair', () => {
    const flat = forecastOf({ seriesId: 'flat', inSample: 0 });
    const silent = forecastOf({ seriesId: 'silent', actual: Float64Array.of(NONE, NONE) });
    const series = tableOf(silent, flat, forecastOf(), other).series();
    expect(series.map(({ seriesId }) => seriesId)).toEqual(['b', 'a', 'flat', 'silent']);
    expect(series.at(-1)).toMatchObject({ count: 0, excluded: 2, wape: null, skill: null });
  });

  it('takes the best opponent of each series, not of all', () => {
    const table = new BacktestTable(['one', 'two'], [80]);
    table.add(forecastOf({ naive: Float64Array.of(14, 23, 20, 30) }));
    table.add(forecastOf({ seriesId: 'b', naive: Float64Array.of(23, 14, 30, 22) }));
    // The model is off by 3 on each, the opponents by 1 and 20, and by 20 and 3.
    expect(table.series().map(({ skill }) => skill)).toEqual([-2, 0]);
  });
});

describe('buckets of steps', () => {
  it.each([
    [1, ['1']],
    [8, ['1', '2', '3', '4', '5', '6', '7', '8']],
    [24, ['1-3', '4-6', '7-9', '10-12', '13-15', '16-18', '19-21', '22-24']],
    [0, []],
  ])('of a horizon of %i are at most eight', (horizon, names) => {
    expect(reportBuckets(horizon).map(bucketName)).toEqual(names);
  });

  it('hold every step of any horizon once', () => {
    for (let horizon = 1; horizon <= 300; horizon += 1) {
      const buckets = reportBuckets(horizon);
      const steps = buckets.flatMap(({ from, to }) =>
        Array.from({ length: to - from + 1 }, (_, index) => from + index),
      );
      expect(steps).toEqual(Array.from({ length: horizon }, (_, index) => index + 1));
      expect(buckets.length).toBeLessThanOrEqual(8);
    }
  });
});
