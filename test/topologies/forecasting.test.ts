import { describe, expect, it } from 'vitest';
import {
  completeTo,
  forecastingDriver,
  HOUR_MS,
  observed,
  sentTo,
  SERDES,
} from '../support/forecasting-driver.ts';

const START = Date.UTC(2024, 0, 1);
const at = (hours: number): number => START + hours * HOUR_MS;

describe('the forecasting topology', () => {
  it('counts the events of a period when it is over, and 0 for one without any', async () => {
    const driver = forecastingDriver({ horizon: 3 });
    const sent = await driver.feed([
      observed('a', at(0) + 1),
      observed('a', at(0) + 2),
      observed('b', at(1)),
      completeTo(at(3)),
    ]);
    const forecasts = sentTo(sent, 'forecasts', SERDES.forecast);
    expect(forecasts.map(({ seriesId, origin }) => [seriesId, origin])).toEqual([
      ['a', at(0)],
      ['a', at(1)],
      ['b', at(1)],
      ['a', at(2)],
      ['b', at(2)],
    ]);
    const scores = sentTo(sent, 'scores', SERDES.score);
    expect(scores.map(({ seriesId, target, actual }) => [seriesId, target, actual])).toEqual([
      ['a', at(1), 0],
      ['a', at(2), 0],
      ['b', at(2), 0],
    ]);
    expect(forecasts[0]?.mean).toEqual(Float64Array.of(2, 2, 2));
    expect(forecasts[0]?.strategy).toBe('last-value');
    expect(forecasts[0]?.model.role).toBe('fallback');
  });
});
