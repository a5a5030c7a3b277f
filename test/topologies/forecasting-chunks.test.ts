import { describe, expect, it } from 'vitest';
import {
  forecastingDriver,
  HOUR_MS,
  observed,
  sentTo,
  SERDES,
} from '../support/forecasting-driver.ts';

const START = Date.UTC(2024, 0, 1);
/** More than a chunk of 1,024 rows, less than one batch of 4,000 records. */
const SERIES = 1_500;

describe('series that are all new at one time', () => {
  it.each([true, false])(
    'are each forecast from a keyed stream, features published: %s',
    async (publishesFeatures) => {
      const driver = forecastingDriver({ isKeyed: true, horizon: 2, publishesFeatures });
      const ids = Array.from({ length: SERIES }, (_, index) => `s${index}`);
      const sent = await driver.feed([
        ...ids.map((id, index) => observed(id, START, { value: index })),
        ...ids.map((id, index) => observed(id, START + HOUR_MS, { value: index })),
      ]);
      const forecasts = sentTo(sent, 'forecasts', SERDES.forecast);
      const first = forecasts.filter(({ origin }) => origin === START);
      expect(first.map(({ seriesId }) => seriesId)).toEqual(ids);
      expect(first.map(({ mean }) => [...mean])).toEqual(ids.map((_, index) => [index, index]));
      expect(forecasts).toHaveLength(2 * SERIES);
      expect(sentTo(sent, 'features', SERDES.features)).toHaveLength(
        publishesFeatures ? 2 * SERIES : 0,
      );
    },
  );
});
