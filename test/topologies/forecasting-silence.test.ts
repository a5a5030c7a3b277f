import { describe, expect, it } from 'vitest';
import { defaultFeatures } from '../../src/features/default-features.ts';
import type { OutgoingRecord } from '../../src/log/log.ts';
import type { SeriesStale } from '../../src/schemas/decision.ts';
import { noForecastMetrics } from '../../src/streams/metrics.ts';
import { constantShelf } from '../support/constant-shelf.ts';
import {
  completeTo,
  forecastingDriver,
  HOUR_MS,
  modelEvent,
  observed,
  sentTo,
  SERDES,
  type ForecastingDriverOptions,
} from '../support/forecasting-driver.ts';

const START = Date.UTC(2024, 0, 1);
const at = (hours: number): number => START + hours * HOUR_MS;
const hourOf = (timeMs: number): number => (timeMs - START) / HOUR_MS;

const scoresOf = (sent: readonly OutgoingRecord[]) => sentTo(sent, 'scores', SERDES.score);
const forecastsOf = (sent: readonly OutgoingRecord[]) => sentTo(sent, 'forecasts', SERDES.forecast);
const lateOf = (sent: readonly OutgoingRecord[]) => sentTo(sent, 'late', SERDES.late);
const stalesOf = (sent: readonly OutgoingRecord[]): SeriesStale[] =>
  sentTo(sent, 'decisions', SERDES.decision).flatMap((decision) =>
    decision.type === 'SeriesStale' ? [decision] : [],
  );
const originsOf = (sent: readonly OutgoingRecord[], seriesId = 'a'): number[] =>
  forecastsOf(sent).flatMap((one) => (one.seriesId === seriesId ? [hourOf(one.origin)] : []));
const actualsOf = (sent: readonly OutgoingRecord[], seriesId = 'a'): (readonly number[])[] =>
  scoresOf(sent).flatMap((one) =>
    one.seriesId === seriesId ? [[hourOf(one.target), one.actual]] : [],
  );

describe('late observations', () => {
  it('of an aggregate go aside, with the raw record that they were', async () => {
    const driver = forecastingDriver({ horizon: 2 });
    await driver.feed([observed('a', at(0)), completeTo(at(2))]);
    const sent = await driver.feed([observed('a', at(1) + 5, { late: at(2) + 7 })]);
    expect(lateOf(sent)).toEqual([
      {
        observation: { seriesId: 'a', eventTime: at(1) + 5, value: null, attributes: {} },
        watermark: at(2) + 7,
        source: { topic: 'raw', partition: 0, offset: 7 },
      },
    ]);
    expect(scoresOf(await driver.feed([completeTo(at(3))])).map(({ actual }) => actual)).toEqual([
      0,
    ]);
  });

  it('are late by the header even while slower partitions hold the period open', async () => {
    const driver = forecastingDriver({ horizon: 2 });
    await driver.feed([
      observed('a', at(0)),
      completeTo(at(1), { partition: 0, of: 2 }),
      completeTo(at(5), { partition: 1, of: 2 }),
    ]);
    const sent = await driver.feed([observed('a', at(2), { late: at(5) })]);
    expect(lateOf(sent)).toHaveLength(1);
    const closed = await driver.feed([completeTo(at(3), { partition: 0, of: 2 })]);
    expect(actualsOf(closed)).toEqual([
      [1, 0],
      [2, 0],
    ]);
  });

  it('are late without a header when an idle partition wakes behind the others', async () => {
    const counted: number[] = [];
    const driver = forecastingDriver({
      horizon: 2,
      metrics: { ...noForecastMetrics, late: ({ count }) => counted.push(count) },
    });
    await driver.feed([
      observed('a', at(0)),
      completeTo(at(3), { partition: 0, of: 2 }),
      completeTo(at(0), { partition: 1, of: 2, idle: true }),
    ]);
    const waking = [
      completeTo(at(0), { partition: 1, of: 2 }),
      observed('a', at(1)),
      observed('a', at(3) + 1),
      completeTo(at(4), { partition: 1, of: 2 }),
    ];
    await driver.feedInVain(waking);
    expect(counted).toEqual([]);
    const woken = await driver.feed(waking);
    expect(lateOf(woken).map(({ watermark }) => hourOf(watermark))).toEqual([3]);
    expect(counted).toEqual([1]);
    const sent = await driver.feed([completeTo(at(4), { partition: 0, of: 2 })]);
    expect(actualsOf(sent)).toEqual([[3, 1]]);
  });
});

describe('a silent series', () => {
  const options: ForecastingDriverOptions = {
    horizon: 2,
    staleAfterMs: 2 * HOUR_MS,
    deadAfterMs: 4 * HOUR_MS,
  };

  it('is stale, then dead and not forecast, then alive again, by recorded decisions', async () => {
    const driver = forecastingDriver(options);
    await driver.feed([observed('a', at(0)), completeTo(at(1))]);
    const silent = await driver.feed([completeTo(at(8))]);
    expect(stalesOf(silent).map(({ state, lastEventTime }) => [state, lastEventTime])).toEqual([
      ['stale', at(0)],
      ['dead', at(0)],
    ]);
    // Silent from hour 1 on: four hours of silence end with hour 4.
    expect(originsOf(silent)).toEqual([1, 2, 3]);
    const back = await driver.feed([observed('a', at(9)), completeTo(at(10))]);
    expect(stalesOf(back).map(({ state }) => state)).toEqual(['alive']);
    expect(originsOf(back)).toEqual([9]);
    const vectors = sentTo(back, 'features', SERDES.features);
    expect(vectors.map(({ origin }) => hourOf(origin))).toEqual([9]);
  });

  it('costs a bounded commit even when years pass in which nothing lives', async () => {
    const driver = forecastingDriver(options);
    await driver.feed([observed('a', at(0)), completeTo(at(8))]);
    const before = driver.sent.length;
    const sent = await driver.feed([completeTo(at(40_000))]);
    expect(driver.sent.length - before).toBe(sent.length);
    expect(Math.max(...driver.commits)).toBeLessThan(5_000);
    expect(sent.length).toBeGreaterThan(30_000);
  });

  it('begins anew after a jump beyond the ring: no model speaks for it yet', async () => {
    const features = defaultFeatures({
      ...{ frequency: '1h', timeZone: 'UTC', holidays: null, seasons: [3], horizon: 2 },
      ...{ lags: [], rolling: { windows: [], statistics: [] }, calendar: [] },
    });
    const shelf = constantShelf(2);
    const driver = forecastingDriver({ features, aggregate: 'none', historyNeeded: 5, shelf });
    await driver.feed([
      modelEvent({
        ...{ type: 'ModelPromoted', stream: 's', model: 'm', version: '1', sha256: 'sha-1' },
        ...{ actor: '', reason: '', requestId: '', gate: '{}', decidedAt: 0 },
        ...{ previous: '', effectiveFrom: 0 },
      }),
    ]);
    const early = [0, 1, 2, 3, 4, 5, 6].map((hour) => observed('a', at(hour), { value: 3 }));
    const old = await driver.feed([...early, completeTo(at(7))]);
    expect(forecastsOf(old).at(-1)?.strategy).toBe('direct');
    const sent = await driver.feed([observed('a', at(900), { value: 8 }), completeTo(at(901))]);
    const last = forecastsOf(sent).at(-1);
    expect([last?.strategy, last?.mean]).toEqual(['last-value', Float64Array.of(8, 8)]);
  });
});
