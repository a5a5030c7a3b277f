import { beforeAll, describe, expect, it } from 'vitest';
import { parseFrequency } from '../../src/core/frequency.ts';
import { driftWindows } from '../../src/drift/drift-windows.ts';
import { flightsCounts, type AirportCounts } from '../support/flights-counts.ts';
import { scored } from '../support/quality-topologies.ts';
import { CHAMPION, stepOf } from '../support/scores.ts';
import type { FedRecord } from '../support/topology-driver.ts';
import { watched, type ScoredDay, type Watched } from '../support/watched-scores.ts';

const HOUR = 3_600_000;
const DAY = 24;
const WEEK = 7 * DAY;
const AIRPORTS = 24;
const WEEKS = 9;
const HORIZON = 24;
/** As the product has them for hours. */
const drift = driftWindows(parseFrequency('1h'), HORIZON);
const SHADOW = { ...CHAMPION, version: '2', sha256: 'bb', role: 'shadow' as const };

/** Days after the first score in which forecasts of some airports are planted to be wrong. */
const PLANTED = [
  // Two of them are forecast at half of what they are: worse.
  { from: 28, to: 38, isHit: (place: number) => place === 3 || place === 15, factor: 0.5 },
  // Half of all at once.
  { from: 46, to: 51, isHit: (place: number) => place % 2 === 0, factor: 0.4 },
];
/** One that is forecast better than before, but for a little too much: another error, no worse. */
const CALMED = { place: 9, from: 26, to: 40 };

/** A week before, but for what is planted. */
const meanOf = ({ values }: AirportCounts, place: number, hour: number): number => {
  const day = Math.floor(hour / DAY) - 7;
  const actual = values[hour] ?? 0;
  const { place: calmed, from, to } = CALMED;
  if (place === calmed && day >= from && day < to) return actual + 1;
  const planted = PLANTED.find((one) => one.isHit(place) && day >= one.from && day < one.to);
  return (values[hour - WEEK] ?? 0) * (planted?.factor ?? 1);
};

const scoresOf = (airport: AirportCounts, place: number, hour: number): readonly FedRecord[] => {
  const { seriesId, firstPeriod, values } = airport;
  const actual = values[hour] ?? 0;
  const given = { seriesId, actual, target: (firstPeriod + hour) * HOUR };
  const dayBefore = stepOf({ step: 1, mean: values[hour - DAY] ?? 0 });
  return [
    scored({
      ...given,
      steps: [dayBefore, stepOf({ step: HORIZON, mean: meanOf(airport, place, hour) })],
    }),
    scored({ ...given, model: SHADOW, steps: [dayBefore] }),
  ];
};

const daysOf = (airports: readonly AirportCounts[]): readonly ScoredDay[] => {
  const first = airports[0]?.firstPeriod ?? 0;
  return Array.from({ length: WEEKS * 7 }, (_, index) => {
    const from = WEEK + index * DAY;
    const hours = Array.from({ length: DAY }, (_hour, at) => from + at);
    return {
      end: (first + from + DAY) * HOUR,
      scores: hours.flatMap((hour) =>
        airports.flatMap((airport, place) => scoresOf(airport, place, hour)),
      ),
    };
  });
};

describe('the same scores on any number of partitions', () => {
  let days: readonly ScoredDay[] = [];
  let oracle: Watched;

  beforeAll(async () => {
    days = daysOf(await flightsCounts(AIRPORTS));
    oracle = await watched(days, { drift, reading: 'evenly', partitions: 1 });
  });

  it.each([
    { partitions: 4, reading: 'one after the other' },
    { partitions: 8, reading: 'evenly' },
  ] as const)(
    'give the accuracy, tests and drift of one, on $partitions read $reading',
    async (given) => {
      const { tests, accuracy, signals, alerts } = await watched(days, { drift, ...given });
      expect(signals).toEqual(oracle.signals);
      expect(alerts).toEqual(oracle.alerts);
      expect(accuracy).toEqual(oracle.accuracy);
      expect(tests).toEqual(oracle.tests);
    },
  );

  it('are many, and drift in them is suspected, confirmed, cleared, of series and of all', () => {
    const told = oracle.signals.map(({ state, scope }) =>
      scope === 'model' ? `${state} of all` : state,
    );
    expect(new Set(told)).toEqual(
      new Set(['suspected', 'confirmed', 'cleared', 'confirmed of all', 'cleared of all']),
    );
    expect(told.length).toBeGreaterThan(7);
    expect(oracle.alerts.length).toBeGreaterThan(4);
    expect(oracle.tests.length).toBeGreaterThan(1_000);
    expect(oracle.accuracy.length).toBeGreaterThan(200);
    expect(days.reduce((sum, { scores }) => sum + scores.length, 0)).toBeGreaterThan(60_000);
  });
});
