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
    expect(toldIn(await driver.feed([completeTo(at(500)), completeTo(at(900))]))).toEqual([
      ...[2, 3, 4, 5, 6, 7].map(at),
      ...[at(500), at(900)],
    ]);
    driver.revive();
    const woken = await driver.feed([observed('a', at(905)), completeTo(at(906))]);
    expect(toldIn(woken)).toEqual([at(905), at(906)]);
    expect(originsOf(woken, 'a')).toEqual([905]);
  });

  it('are the same ones after a crash that leaves events of a dead series open', async () => {
    const driver = driven();
    await driver.feed([observed('a', at(0)), completeTo(at(20))]);
    await driver.feed([observed('a', at(40)), observed('a', at(70), { id: 'one' })]);
    driver.revive();
    const sent = await driver.feed([completeTo(at(30)), completeTo(at(72))]);
    expect(toldIn(sent)).toEqual([30, 40, 41, 42, 43, 44, 45, 46, 47, 70, 71, 72].map(at));
    expect(originsOf(sent, 'a')).toEqual([40, 41, 42, 43, 44, 45, 70, 71]);
  });
});
