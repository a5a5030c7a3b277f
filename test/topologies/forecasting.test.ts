import { describe, expect, it } from 'vitest';
import type { AggregationKind } from '../../src/features/aggregation.ts';
import { defaultFeatures } from '../../src/features/default-features.ts';
import type { OutgoingRecord } from '../../src/log/log.ts';
import type { SeriesStale } from '../../src/schemas/decision.ts';
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
const hourOf = (timeMs: number): number => (timeMs - START) / HOUR_MS;

const scoresOf = (sent: readonly OutgoingRecord[]) => sentTo(sent, 'scores', SERDES.score);
const forecastsOf = (sent: readonly OutgoingRecord[]) => sentTo(sent, 'forecasts', SERDES.forecast);
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

describe('the forecasting topology', () => {
  it('counts the events of a period when it is over, and 0 for one without any', async () => {
    const driver = forecastingDriver({ horizon: 3 });
    const sent = await driver.feed([
      observed('a', at(0) + 1),
      observed('a', at(0) + 2),
      observed('b', at(1)),
      completeTo(at(3)),
    ]);
    const forecasts = forecastsOf(sent);
    expect(forecasts.map(({ seriesId, origin }) => [seriesId, hourOf(origin)])).toEqual([
      ['a', 0],
      ['a', 1],
      ['b', 1],
      ['a', 2],
      ['b', 2],
    ]);
    expect(actualsOf(sent)).toEqual([
      [1, 0],
      [2, 0],
    ]);
    expect(actualsOf(sent, 'b')).toEqual([[2, 0]]);
    expect(forecasts[0]?.mean).toEqual(Float64Array.of(2, 2, 2));
    expect(forecasts[0]?.strategy).toBe('last-value');
    expect(forecasts[0]?.model.role).toBe('fallback');
  });

  it('publishes scale 0 of a series that never moved, of which MASE says nothing', async () => {
    const driver = forecastingDriver({ horizon: 3, aggregate: 'last' });
    const hours = Array.from({ length: 60 }, (_, hour) => hour);
    const sent = await driver.feed([
      ...hours.flatMap((hour) => [
        observed('flat', at(hour), { value: hour < 50 ? 7 : 1e6 }),
        observed('lively', at(hour), { value: hour % 5 }),
        observed('steady', at(hour), { value: Math.floor(hour / 24) }),
      ]),
      completeTo(at(60)),
    ]);
    const scalesOf = (seriesId: string, target: number) =>
      scoresOf(sent).flatMap((score) =>
        score.seriesId === seriesId && score.target === at(target)
          ? score.steps.map(({ scale }) => scale)
          : [],
      );
    expect(scalesOf('flat', 40)).toEqual([0, 0, 0]);
    expect(scalesOf('flat', 50)).toEqual([0, 0, 0]);
    expect(scalesOf('flat', 55).every((scale) => scale > 1_000)).toBe(true);
    // By exactly 1 a day, which is what features say of a series that never moved too.
    expect(scalesOf('steady', 50)).toEqual([1, 1, 1]);
    expect(scalesOf('lively', 50).every((scale) => scale > 0)).toBe(true);
  });

  // Hour 0: something to score from. Hour 1: 4, 1, missing, 2. Hour 2: nothing. Hour 3: 7.
  it.each<[AggregationKind, (readonly number[])[]]>([
    [
      'count',
      [
        [1, 4],
        [2, 0],
        [3, 1],
      ],
    ],
    [
      'sum',
      [
        [1, 7],
        [2, 0],
        [3, 7],
      ],
    ],
    [
      'mean',
      [
        [1, 7 / 3],
        [3, 7],
      ],
    ],
    [
      'last',
      [
        [1, 2],
        [3, 7],
      ],
    ],
    [
      'none',
      [
        [1, 2],
        [3, 7],
      ],
    ],
    [
      'min',
      [
        [1, 1],
        [3, 7],
      ],
    ],
    [
      'max',
      [
        [1, 4],
        [3, 7],
      ],
    ],
  ])('takes the %s of a period, and what its absence means', async (aggregate, expected) => {
    const driver = forecastingDriver({ aggregate, horizon: 3 });
    const sent = await driver.feed([
      observed('a', at(0), { value: 1 }),
      observed('a', at(1) + 3, { value: 2 }),
      observed('a', at(1), { value: 4 }),
      observed('a', at(1) + 2, { value: null }),
      observed('a', at(1) + 1, { value: 1 }),
      observed('a', at(3), { value: 7 }),
      completeTo(at(4)),
    ]);
    expect(actualsOf(sent)).toEqual(expected);
    // A forecast from every period, known or missing.
    expect(originsOf(sent)).toEqual([0, 1, 2, 3]);
  });

  it('takes a value known to be missing for no actual, yet for a sign of life', async () => {
    const driver = forecastingDriver({
      ...{ aggregate: 'none', horizon: 3 },
      ...{ staleAfterMs: 2 * HOUR_MS, deadAfterMs: 9 * HOUR_MS },
    });
    const sent = await driver.feed([
      observed('a', at(0), { value: 5 }),
      observed('a', at(1), { value: null }),
      observed('a', at(2), { value: null }),
      observed('a', at(3), { value: null }),
      completeTo(at(4)),
    ]);
    expect(scoresOf(sent)).toEqual([]);
    expect(stalesOf(sent)).toEqual([]);
    expect(forecastsOf(sent).map(({ mean }) => mean[0])).toEqual([5, 5, 5, 5]);
  });

  it('begins a series with its first event, however late the others began', async () => {
    const driver = forecastingDriver({ horizon: 2 });
    await driver.feed([observed('a', at(0)), completeTo(at(2))]);
    // Out of order while the period is open: the earlier event is the first.
    const sent = await driver.feed([observed('b', at(4)), observed('b', at(3)), completeTo(at(5))]);
    expect(originsOf(sent, 'b')).toEqual([3, 4]);
    expect(originsOf(sent, 'a')).toEqual([2, 3, 4]);
  });

  it('forecasts once in so many periods, and from a time on, but always keeps state', async () => {
    const driver = forecastingDriver({ horizon: 4, every: 3, fromMs: at(4) });
    const events = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map((hour) => observed('a', at(hour)));
    const sent = await driver.feed([...events, completeTo(at(10))]);
    // Hours since 1970 that are multiples of three.
    const due = [4, 5, 6, 7, 8, 9].filter((hour) => (at(hour) / HOUR_MS) % 3 === 0);
    expect(originsOf(sent)).toEqual(due);
    expect(
      scoresOf(sent)
        .map(({ steps }) => steps.map(({ step }) => step))
        .flat().length,
    ).toBe(due.reduce((sum, hour) => sum + Math.min(4, 9 - hour), 0));
  });

  it('closes nothing before every raw partition has spoken, then up to the least', async () => {
    const driver = forecastingDriver({ horizon: 2 });
    const first = await driver.feed([
      observed('a', at(0)),
      completeTo(at(9), { partition: 0, of: 2 }),
    ]);
    expect(first).toEqual([]);
    const sent = await driver.feed([completeTo(at(1), { partition: 1, of: 2 })]);
    expect(originsOf(sent)).toEqual([0]);
  });

  it('closes thousands of periods over several commits, in order', async () => {
    const driver = forecastingDriver({ horizon: 1 });
    const ids = Array.from({ length: 50 }, (_, index) => `s${String(index).padStart(2, '0')}`);
    const sent = await driver.feed([...ids.map((id) => observed(id, at(0))), completeTo(at(200))]);
    const keys = forecastsOf(sent).map(({ origin, seriesId }) => `${origin} ${seriesId}`);
    expect(keys).toHaveLength(50 * 200);
    expect(keys).toEqual(keys.toSorted());
  });
});

describe('a series in a zone of its own', () => {
  const features = defaultFeatures({
    ...{ frequency: '1h', timeZone: 'UTC', holidays: null, seasons: [24], horizon: 1 },
    ...{ lags: [], rolling: { windows: [], statistics: [] }, calendar: ['hour'] },
  });
  const hoursOf = (sent: readonly OutgoingRecord[], seriesId: string): (number | undefined)[] =>
    sentTo(sent, 'features', SERDES.features).flatMap((one) =>
      one.seriesId === seriesId ? [one.values[0]] : [],
    );

  it('goes by its clock from the event on that names it; an unknown one is ignored', async () => {
    const driver = forecastingDriver({ features, timeZoneAttribute: 'tz' });
    const named = (tz: string) => ({ attributes: { tz } });
    const sent = await driver.feed([
      observed('a', at(12), named('Asia/Tokyo')),
      observed('b', at(12)),
      observed('b', at(13), named('Asia/Tokyo')),
      observed('b', at(13) + 1, named('America/New_York')),
      observed('c', at(12), named('Mars/Olympus_Mons')),
      completeTo(at(14)),
    ]);
    // The hour of the first target.
    expect(hoursOf(sent, 'a')).toEqual([22, 23]);
    expect(hoursOf(sent, 'b')).toEqual([13, 23]);
    expect(hoursOf(sent, 'c')).toEqual([13, 14]);
    expect(driver.refusals).toEqual([]);
  });
});

describe('keys that are no text', () => {
  it('are put aside with a reason, and their neighbours count', async () => {
    const driver = forecastingDriver({ aggregate: 'sum', horizon: 2 });
    const sent = await driver.feed([
      observed('a', at(0), { value: 1 }),
      { ...observed('a', at(1), { value: 7 }), key: Buffer.from([0xff, 0xfe]) },
      observed('a', at(1), { value: 4 }),
      completeTo(at(2)),
    ]);
    expect(driver.refusals).toEqual([
      expect.objectContaining({
        reason: 'KEY_NOT_UTF8',
        detail: 'fffe is no UTF-8: a key is a series',
      }),
    ]);
    expect(actualsOf(sent)).toEqual([[1, 4]]);
  });
});

describe('numbers that no window may hold', () => {
  it('are put aside with a reason, and their neighbours count', async () => {
    const driver = forecastingDriver({ aggregate: 'sum', horizon: 2 });
    const sent = await driver.feed([
      observed('a', at(0), { value: 1 }),
      observed('a', at(1), { value: Infinity }),
      observed('a', at(1), { value: 1.7e308 }),
      observed('a', at(1), { value: 4 }),
      completeTo(at(2)),
    ]);
    expect(driver.refusals.map(({ reason }) => reason)).toEqual([
      'VALUE_NOT_A_NUMBER',
      'VALUE_OUT_OF_RANGE',
    ]);
    expect(actualsOf(sent)).toEqual([[1, 4]]);
  });
});
