import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../src/core/random.ts';
import {
  backtest,
  type BacktestOptions,
  type Fit,
  type FitRequest,
} from '../../../src/evaluation/backtest.ts';
import type { BacktestForecast } from '../../../src/evaluation/backtest-forecast.ts';
import {
  backtestCells,
  backtestColumns,
  backtestRows,
} from '../../../src/evaluation/backtest-rows.ts';
import { BacktestTable } from '../../../src/evaluation/backtest-table.ts';
import { endOf, type SeriesHistory } from '../../../src/evaluation/history.ts';
import type { Forecaster } from '../../../src/models/forecaster.ts';
import { opponentNames } from '../../../src/evaluation/origin-blocks.ts';
import { flightsCounts } from '../../support/flights-counts.ts';
import { HORIZON, hourlySchema } from '../../support/hourly-schema.ts';
import { plainRidge } from '../../support/linear-forecaster.ts';

const schema = hourlySchema();
const opponents = opponentNames(schema);
const { signal } = new AbortController();

const wave = (seriesId: string, length: number, firstPeriod = 1_000): SeriesHistory => {
  const random = seededRandom(seriesId);
  const values = Float64Array.from(
    { length },
    (_, hour) => 50 + 20 * Math.sin((2 * Math.PI * hour) / 24) + 4 * random.normal(),
  );
  return { seriesId, firstPeriod, values };
};

const run = async (
  series: readonly SeriesHistory[],
  more: Partial<BacktestOptions> = {},
): Promise<BacktestForecast[]> => {
  const options: BacktestOptions = {
    panel: { series, holidays: null },
    featureSchema: schema,
    split: { kind: 'rolling', origins: 3, every: 24 },
    refit: 'once',
    levels: [80, 95],
    fit: plainRidge,
    ...more,
  };
  const forecasts: BacktestForecast[] = [];
  for await (const forecast of backtest(options, signal)) forecasts.push(forecast);
  return forecasts;
};

describe('a backtest', () => {
  it('forecasts every series at shared origins, counted back from the end', async () => {
    const forecasts = await run([wave('a', 1_200), wave('b', 1_200)]);
    const end = 1_000 + 1_200;
    const last = end - 1 - HORIZON;
    expect(forecasts.map(({ seriesId, origin }) => [seriesId, origin])).toEqual(
      [last - 48, last - 24, last].flatMap((origin) => [
        ['a', origin],
        ['b', origin],
      ]),
    );
    for (const { actual, model, strategy } of forecasts) {
      expect(actual.every(Number.isFinite)).toBe(true);
      expect([model, strategy]).toEqual(['ridge', 'direct']);
    }
  });

  it('has one origin before a holdout', async () => {
    const split = { kind: 'holdout', periods: 24 } as const;
    const [forecast, ...others] = await run([wave('a', 1_200)], { split });
    expect(others).toHaveLength(0);
    expect(forecast?.origin).toBe(1_000 + 1_200 - 1 - 24);
  });

  it.each([
    ['once', [0]],
    ['every', [0, 1, 2, 3, 4, 5, 6, 7]],
    [3, [0, 3, 6]],
    // 1,008 hours, then 1,152: an eighth more are 1,134.
    ['grown', [0, 6]],
  ] as const)('fits %s, on nothing behind the origin', async (refit, expected) => {
    const requests: FitRequest[] = [];
    const split = { kind: 'rolling', origins: 8, every: 24 } as const;
    await run([wave('a', 1_200)], {
      split,
      refit,
      fit: async (request) => {
        requests.push(request);
        return plainRidge(request, signal);
      },
    });
    const first = 1_000 + 1_200 - HORIZON - 7 * 24;
    expect(requests.map(({ toPeriod }) => (toPeriod - first) / 24)).toEqual(expected);
    for (const { panel, toPeriod } of requests) expect(endOf(panel.series)).toBe(toPeriod);
  });

  it('lets the naive ladder speak for series that are too young', async () => {
    const young = wave('young', 300, 1_000 + 900);
    const newborn = wave('newborn', 60, 1_000 + 1_140);
    const forecasts = await run([wave('old', 1_200), young, newborn], {
      split: { kind: 'holdout', periods: 24 },
    });
    expect(forecasts.map(({ strategy }) => strategy)).toEqual(['direct', 'slot-mean', 'naive-24']);
    for (const { mean } of forecasts) expect(mean.every(Number.isFinite)).toBe(true);
    const [only] = await run([newborn], { split: { kind: 'holdout', periods: 24 } });
    expect(only).toMatchObject({ model: 'naive-ladder', strategy: 'naive-24' });
  });

  it('refuses a split that the data are too short for', async () => {
    await expect(
      run([wave('a', 100)], { split: { kind: 'rolling', origins: 50, every: 24 } }),
    ).rejects.toMatchObject({ code: 'BACKTEST_TOO_SHORT' });
  });

  it('orders its bounds by level around the mean', async () => {
    const forecasts = await run([wave('a', 1_200)]);
    const bounds = forecasts.flatMap(({ mean, lower, upper }) =>
      Array.from(mean, (value, step) =>
        [lower[1], lower[0], mean, upper[0], upper[1]].map((column) => column?.[step] ?? value),
      ),
    );
    const widths = bounds.map(([low = 0, , , , high = 0]) => high - low);
    expect(bounds).toHaveLength(3 * HORIZON);
    expect(widths.every((width) => width > 0)).toBe(true);
    for (const five of bounds) expect(five).toEqual([...Float64Array.from(five).sort()]);
  });

  it('makes intervals of errors on what was held back, where something was', async () => {
    const says = (value: number): Forecaster => ({
      identity: { name: 'constant', version: '1', sha256: '' },
      ...{ schemaHash: '', horizon: HORIZON, strategy: 'direct' },
      predict: (_rows, count) => Promise.resolve(new Float64Array(count * HORIZON).fill(value)),
      close: () => Promise.resolve(),
    });
    const flat: SeriesHistory = { ...wave('a', 1_200), values: new Float64Array(1_200).fill(50) };
    const widthsOf = async (held: boolean): Promise<readonly number[]> => {
      const fit: Fit = ({ toPeriod }) =>
        Promise.resolve({
          forecaster: says(50),
          ...(held ? { heldBack: { forecaster: says(60), fromPeriod: toPeriod - 240 } } : {}),
        });
      const forecasts = await run([flat], { fit });
      return forecasts.map(({ mean, upper }) => (upper[0]?.[0] ?? 0) - (mean[0] ?? 0));
    };
    // A floor keeps σ above zero.
    expect((await widthsOf(false)).every((width) => width < 1e-6)).toBe(true);
    const widths = await widthsOf(true);
    // A little wider, since origins are few.
    expect(widths[0]).toBeGreaterThan(10);
    expect(widths[0]).toBeLessThan(11);
    // Two days later, two of eleven errors are those of the model itself.
    expect(widths[2]).toBeLessThan(11);
    expect(widths[2]).toBeGreaterThan(5);
  });

  it('beats its opponents on real departures, with intervals that cover', async () => {
    const table = new BacktestTable(opponents, [80, 95]);
    const forecasts = await run(await flightsCounts(30), {
      split: { kind: 'rolling', origins: 42, every: 24 },
    });
    for (const forecast of forecasts) table.add(forecast);
    const [model, ...naive] = table.results();
    if (model === undefined) throw new Error('no result');
    expect(model).toMatchObject({ model: 'ridge', count: 30 * 42 * HORIZON, excluded: 0 });
    expect(model.wape).toBeLessThan(0.135);
    expect(model.mase).toBeLessThan(0.8);
    expect(model.skill).toBeGreaterThan(0.03);
    expect(model.stepWape).toHaveLength(HORIZON);
    expect(naive.map(({ model: name }) => name)).toEqual(opponents);
    for (const { wape } of naive) expect(wape).toBeGreaterThan(model.wape ?? 1);
    for (const { level, coverage } of model.levels) {
      expect(Math.abs((coverage ?? 0) - level / 100)).toBeLessThan(0.03);
    }
    expect(model.levels).toHaveLength(2);
  }, 120_000);
});

describe('the table of forecasts', () => {
  const forecast: BacktestForecast = {
    seriesId: 'a',
    origin: 10,
    model: 'm',
    strategy: 'direct',
    isRule: false,
    mean: Float64Array.of(1, 3),
    lower: [Float64Array.of(0, 1)],
    upper: [Float64Array.of(2, 4)],
    actual: Float64Array.of(2, Number.NaN),
    naive: Float64Array.of(3, 3),
    inSample: 2,
    inSampleSquared: 16,
  };

  it('has a line a step, empty where nothing is known, and none behind the end of the data', () => {
    expect(backtestColumns([80])).toEqual(
      'series_id,origin,target,step,model,mean,lower_80,upper_80,actual'.split(','),
    );
    const rows = [...backtestRows(forecast)].map((row) => backtestCells(row, String).join(','));
    expect(rows).toEqual(['a,10,11,1,m,1,0,2,2', 'a,10,12,2,m,3,1,4,']);
    expect([...backtestRows(forecast, 12)]).toHaveLength(1);
  });

  it('adds up the pairs that have both sides', () => {
    const table = new BacktestTable(['naive-1'], [80]);
    table.add(forecast);
    const [model, naive] = table.results();
    expect(model).toMatchObject({
      ...{
        count: 1,
        excluded: 1,
        wape: 0.5,
        mae: 1,
        mape: 50,
        smape: 200 / 3,
        mase: 0.5,
        rmsse: 0.25,
      },
      ...{ bias: -0.5, skill: 0, stepWape: [0.5] },
    });
    const [level] = model?.levels ?? [];
    expect(level).toEqual({
      ...{ level: 80, coverage: 1, winkler: 2, msis: 1, width: 2 },
      // (0.1 · 2 + 0) / 2
      pinball: expect.closeTo(0.1, 12) as number,
    });
    expect(naive).toMatchObject({ model: 'naive-1', wape: 0.5, bias: 0.5, levels: [] });
  });
});
