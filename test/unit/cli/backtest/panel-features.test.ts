import { describe, expect, it } from 'vitest';
import { panelFeatures, panelOf } from '../../../../src/cli/backtest/panel-features.ts';
import { parseFrequency } from '../../../../src/core/frequency.ts';
import { seededRandom } from '../../../../src/core/random.ts';
import type { SeriesHistory } from '../../../../src/evaluation/history.ts';

const DAYS = 400;
const frequency = parseFrequency('1d');

/** A week that can be seen, but does not strike, from a day on. */
const weekly = (seriesId: string, from = 0): SeriesHistory => {
  const random = seededRandom(seriesId);
  return {
    seriesId,
    firstPeriod: from,
    values: Float64Array.from(
      { length: DAYS - from },
      (_, day) => ((from + day) % 7 < 5 ? 10 : 11.2) + random.normal(),
    ),
  };
};

const featuresOf = (series: readonly SeriesHistory[]) =>
  panelFeatures(
    { frequency: '1d', timeZone: 'UTC', horizon: 7, origins: 4, every: 7 } as Parameters<
      typeof panelFeatures
    >[0],
    frequency,
    panelOf(series, frequency, undefined),
  );

describe('the features of a backtest', () => {
  it('know nothing of series that begin behind the first origin', () => {
    const alone = featuresOf([weekly('m')]);
    expect(alone.featureSchema.seasons).toEqual([7]);
    const young = ['a', 'x', 'y', 'z'].map((seriesId) => weekly(seriesId, DAYS - 20));
    expect(featuresOf([...young, weekly('m')])).toEqual(alone);
  });
});
