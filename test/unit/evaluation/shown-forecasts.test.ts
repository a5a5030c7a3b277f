import { describe, expect, it } from 'vitest';
import type { BacktestForecast } from '../../../src/evaluation/backtest-forecast.ts';
import { SHOWN_PERIODS_MAX, ShownForecasts } from '../../../src/evaluation/shown-forecasts.ts';

const forecastAt = (origin: number, horizon: number, seriesId = 'a'): BacktestForecast => {
  const column = (value: number): Float64Array => new Float64Array(horizon).fill(value);
  return {
    ...{
      seriesId,
      origin,
      model: 'm',
      strategy: 'direct',
      isRule: false,
      inSample: 1,
      inSampleSquared: 1,
    },
    mean: Float64Array.from({ length: horizon }, (_, step) => origin + step),
    lower: [column(-1), column(-2), column(-3)],
    upper: [column(1), column(2), column(3)],
    actual: column(0),
    naive: new Float64Array(0),
  };
};

const originsOf = (shown: ShownForecasts, seriesId = 'a'): number[] =>
  shown.of(seriesId).map(({ origin }) => origin);

describe('the forecasts that are shown', () => {
  it('do not overlap, and have the mean with the narrowest and the widest level', () => {
    const shown = new ShownForecasts({ seriesCount: 1, horizon: 3 });
    for (let origin = 10; origin < 18; origin += 1) shown.add(forecastAt(origin, 3));
    expect(originsOf(shown)).toEqual([10, 13, 16]);
    const [, second] = shown.of('a');
    expect(Array.from(second?.mean ?? [])).toEqual([13, 14, 15]);
    expect(second?.lower.map(([first]) => first)).toEqual([-1, -3]);
    expect(second?.upper.map(([first]) => first)).toEqual([1, 3]);
  });

  it('are the latest ones, up to a number of periods', () => {
    const shown = new ShownForecasts({ seriesCount: 1, horizon: 100 });
    for (let index = 0; index < 40; index += 1) shown.add(forecastAt(index * 100, 100));
    expect(originsOf(shown)).toHaveLength(SHOWN_PERIODS_MAX / 100);
    expect(originsOf(shown).at(-1)).toBe(3_900);
  });

  it('are cut where one alone is longer than that', () => {
    const shown = new ShownForecasts({ seriesCount: 1, horizon: 5_000 });
    shown.add(forecastAt(0, 5_000));
    expect(shown.of('a')[0]?.mean).toHaveLength(SHOWN_PERIODS_MAX);
  });

  it('are fewer of each series the more there are, and none of one too many', () => {
    const cells = (seriesCount: number, seriesAdded: number): number[] => {
      const shown = new ShownForecasts({ seriesCount, horizon: 1_000 });
      for (let index = 0; index < 2; index += 1) {
        for (let series = 0; series < seriesAdded; series += 1) {
          shown.add(forecastAt(index * 1_000, 1_000, String(series)));
        }
      }
      return Array.from({ length: seriesAdded }, (_, series) => shown.of(String(series)).length);
    };
    // 2²⁴ cells hold 3,313 forecasts of five columns and a thousand steps.
    const kept = cells(3_400, 3_400);
    expect(kept.filter((count) => count === 1)).toHaveLength(3_313);
    expect(kept.at(-1)).toBe(0);
  });
});
