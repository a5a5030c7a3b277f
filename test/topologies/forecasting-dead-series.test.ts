import { describe, expect, it } from 'vitest';
import type { OutgoingRecord } from '../../src/log/log.ts';
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
/** An event whose producer had no clock: 52 years of hours before all others. */
const LONG_AGO = Date.UTC(1972, 0, 1);

const driven = () =>
  forecastingDriver({ horizon: 2, staleAfterMs: 3 * HOUR_MS, deadAfterMs: 6 * HOUR_MS });

const toldIn = (sent: readonly OutgoingRecord[]): number[] =>
  sent.flatMap(({ topic, value, headers }) =>
    topic === 's.scores' && value === null ? [Number(headers?.['watermark'])] : [],
  );
const originsOf = (sent: readonly OutgoingRecord[], seriesId: string): number[] =>
  sentTo(sent, 'forecasts', SERDES.forecast).flatMap((one) =>
    one.seriesId === seriesId ? [(one.origin - START) / HOUR_MS] : [],
  );

describe('periods in which no series lives', () => {
  it('are passed over, up to the next event or to where event time has come', async () => {
    const driver = driven();
    const sent = await driver.feed([
      observed('old', LONG_AGO),
      completeTo(LONG_AGO + HOUR_MS),
      observed('old', at(2)),
      observed('a', at(0)),
      completeTo(at(3)),
    ]);
    expect(originsOf(sent, 'a')).toEqual([0, 1, 2]);
    // It wakes by its event of now.
    expect(originsOf(sent, 'old').filter((origin) => origin >= 0)).toEqual([2]);
    const lived = Array.from({ length: 8 }, (_, hour) => LONG_AGO + hour * HOUR_MS);
    expect(toldIn(sent)).toEqual([...lived, at(0), at(1), at(2), at(3)]);
  }, 20_000);

  it('are told of as far as event time has come, where no event follows', async () => {
    const driver = driven();
    await driver.feed([observed('a', at(0)), completeTo(at(1))]);
    expect(toldIn(await driver.feed([completeTo(at(5_000)), completeTo(at(9_000))]))).toEqual([
      ...[2, 3, 4, 5, 6, 7].map(at),
      ...[at(5_000), at(9_000)],
    ]);
    driver.revive();
    const woken = await driver.feed([observed('a', at(9_002)), completeTo(at(9_003))]);
    expect(toldIn(woken)).toEqual([9_001, 9_002, 9_003].map(at));
    expect(originsOf(woken, 'a')).toEqual([9_002]);
  });

  it('are the same ones after a crash that leaves events of a dead series open', async () => {
    const driver = driven();
    await driver.feed([observed('a', at(0)), completeTo(at(20))]);
    await driver.feed([observed('a', at(4_500)), observed('a', at(7_000), { id: 'one' })]);
    driver.revive();
    const sent = await driver.feed([completeTo(at(3_000)), completeTo(at(7_002))]);
    const [lived, woken] = [
      [4_500, 4_501, 4_502, 4_503, 4_504, 4_505],
      [7_000, 7_001],
    ];
    expect(toldIn(sent)).toEqual([3_000, ...lived, 4_506, 4_507, ...woken, 7_002].map(at));
    expect(originsOf(sent, 'a')).toEqual([...lived, ...woken]);
  });

  it('are told of one by one where they are few, however raw partitions were read', async () => {
    const log = [observed('a', at(0)), completeTo(at(20))];
    const [evenly, atOnce] = [driven(), driven()];
    const steps = await evenly.feed([...log, completeTo(at(300)), completeTo(at(900))]);
    expect(toldIn(steps)).toEqual(toldIn(await atOnce.feed([...log, completeTo(at(900))])));
    expect(toldIn(steps)).toHaveLength(901);
  });
});
