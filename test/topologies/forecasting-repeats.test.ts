import { describe, expect, it } from 'vitest';
import { noForecastMetrics } from '../../src/streams/metrics.ts';
import {
  completeTo,
  forecastingDriver,
  HOUR_MS,
  observed,
  sentTo,
  SERDES,
  type ForecastingDriverOptions,
} from '../support/forecasting-driver.ts';
import type { FedRecord, TopologyDriver } from '../support/topology-driver.ts';

const START = Date.UTC(2024, 0, 1);
const at = (hours: number): number => START + hours * HOUR_MS;

/** From hour 1 on: at hour 0 nothing was forecast yet. */
const actualsOf = ({ sent }: TopologyDriver): readonly number[] =>
  sentTo(sent, 'scores', SERDES.score).map(({ actual }) => actual);

const counted = (given: ForecastingDriverOptions = {}) => {
  let repeated = 0;
  const metrics = {
    ...noForecastMetrics,
    repeated: ({ count }: { readonly count: number }) => {
      repeated += count;
    },
  };
  const driver = forecastingDriver({ horizon: 3, metrics, ...given });
  return { driver, repeated: () => repeated };
};

const begin = (driver: TopologyDriver): Promise<unknown> => driver.feed([observed('a', at(0))]);
const one = observed('a', at(1) + 1, { id: 'one', value: 5 });

describe('an event that comes again by whatever raw partition', () => {
  it('counts once while its period is open, also after a restart', async () => {
    const { driver, repeated } = counted();
    await begin(driver);
    await driver.feed([one, observed('a', at(1) + 2, { id: 'two' }), one]);
    driver.revive();
    await driver.feed([one, observed('a', at(1) + 3), completeTo(at(2))]);
    expect(actualsOf(driver)).toEqual([3]);
    expect(repeated()).toBe(2);
  });

  it('is remembered and counted only once its batch was committed', async () => {
    const { driver, repeated } = counted();
    await begin(driver);
    await driver.feedInVain([one, one]);
    await driver.feed([one, completeTo(at(2))]);
    expect(actualsOf(driver)).toEqual([1]);
    expect(repeated()).toBe(0);
  });

  it('is another event in another series or period, and forgotten with its period', async () => {
    const { driver } = counted();
    await driver.feed([observed('a', at(0)), observed('b', at(0))]);
    await driver.feed([
      one,
      observed('b', at(1), { id: 'one' }),
      observed('a', at(2), { id: 'one' }),
      completeTo(at(3)),
    ]);
    expect(actualsOf(driver)).toEqual([1, 1, 1, 0]);
    expect([...driver.changelog.keys()].filter((key) => key.includes('open-events'))).toEqual([]);
  });

  it('is late when its period is over', async () => {
    const { driver, repeated } = counted();
    await begin(driver);
    await driver.feed([one, completeTo(at(2)), one, { ...one, headers: LATE }]);
    expect(actualsOf(driver)).toEqual([1]);
    expect(repeated()).toBe(0);
    const late = sentTo(driver.sent, 'late', SERDES.late);
    expect(late.map(({ observation }) => observation.seriesId)).toEqual(['a', 'a']);
  });

  const LATE = { source: 'raw:1:9', late: String(at(2)), id: 'one' };

  it.each([
    ['sum', 5 + 2],
    ['mean', 3.5],
    ['min', 2],
    ['max', 5],
    ['last', 2],
    ['count', 2],
    ['none', 2],
  ] as const)(
    'has the value of its latest time, in either order: %s',
    async (aggregate, actual) => {
      const events = [
        observed('a', at(1) + 2, { id: 'two', value: 2 }),
        observed('a', at(1), { id: 'one', value: 9 }),
        one,
      ];
      for (const order of [events, [...events].reverse()]) {
        const { driver } = counted({ aggregate });
        await driver.feed([observed('a', at(0), { value: 1 }), ...order, completeTo(at(2))]);
        expect(actualsOf(driver)).toEqual([actual]);
      }
    },
  );

  it('is known among so many others at most, and none of them is lost', async () => {
    const { driver, repeated } = counted({ eventsMax: 2 });
    await begin(driver);
    const events: FedRecord[] = ['one', 'two', 'three'].map((id) => observed('a', at(1), { id }));
    await driver.feed(events);
    driver.revive();
    await driver.feed([...events, completeTo(at(2))]);
    // The first was forgotten, so its repetition counts, and made the second be forgotten as well.
    expect(actualsOf(driver)).toEqual([6]);
    expect(repeated()).toBe(0);
  });
});
