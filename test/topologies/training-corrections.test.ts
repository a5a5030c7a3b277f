import { describe, expect, it } from 'vitest';
import { append, complete, HOUR, logOf, plain, serde, TOPIC } from '../support/replayed-history.ts';

describe('what counts in a training history', () => {
  it('takes a correction over where nothing is summed up, be it smaller', async () => {
    const log = await logOf([
      { at: 1, value: 5 },
      { at: 2, value: 6 },
      { at: 1, value: 3, isLate: true },
    ]);
    expect(await plain(log, { to: 3, kind: 'none' })).toEqual([
      { seriesId: 'a', firstPeriod: 1, values: [3, 6] },
    ]);
  });

  it('lets a correction win over what comes until its period is over', async () => {
    const log = await logOf([
      { at: 1, value: 5 },
      { at: 2, value: 6 },
      { at: 2.2, value: 3, isLate: true },
      { at: 2.5, value: 7 },
    ]);
    expect((await plain(log, { to: 3, kind: 'none' }))[0]?.values).toEqual([5, 3]);
  });

  it('leaves out what lies before a series began or behind its ring', async () => {
    const log = await logOf([
      { at: 1, seriesId: 'unknown', value: 9, isLate: true },
      { at: 3, value: 5 },
      { at: 2, value: 9, isLate: true },
    ]);
    complete(log, 9);
    append(log, [
      { at: 4, value: 9 },
      { at: 5, value: 7 },
    ]);
    // Of four slots the last is that of the eighth hour.
    expect(await plain(log, { to: 9, kind: 'none', ringPeriods: 4 })).toEqual([
      { seriesId: 'a', firstPeriod: 3, values: [5, NaN, 7, NaN, NaN, NaN] },
    ]);
  });

  it('takes the last value of a keyed period, be it smaller or withdrawn', async () => {
    const log = await logOf([
      { at: 1, value: 100 },
      { at: 1, value: 90 },
      { at: 2, value: 100 },
      { at: 3, value: 5 },
      { at: 2, value: null },
      { at: 0, value: 9 },
      // Nothing is late there, whatever a header says.
      { at: 4, value: 6, isLate: true },
    ]);
    complete(log, 9);
    append(log, [{ at: 1, seriesId: 'b', value: 1 }]);
    expect(await plain(log, { to: 5, kind: 'none', isKeyed: true })).toEqual([
      { seriesId: 'a', firstPeriod: 1, values: [90, NaN, 5, 6] },
      { seriesId: 'b', firstPeriod: 1, values: [1, NaN, NaN, NaN] },
    ]);
  });

  it('begins the ring of a keyed series anew behind a jump', async () => {
    const log = await logOf([
      { at: 1, value: 1 },
      { at: 5, value: 5 },
      { at: 1, value: 9 },
      { at: 4, value: 9 },
      { at: 6, value: 6 },
      { at: 5, value: 7 },
    ]);
    expect(await plain(log, { to: 7, kind: 'none', isKeyed: true, ringPeriods: 4 })).toEqual([
      { seriesId: 'a', firstPeriod: 1, values: [1, NaN, NaN, NaN, 7, 6] },
    ]);
  });

  it('leaves out what forecasting refuses', async () => {
    const log = await logOf([
      { at: 1, value: 4 },
      { at: 1, value: Infinity },
      { at: 2, value: 1e200 },
      { at: 2, value: 3 },
    ]);
    const event = { eventTime: 2 * HOUR, seriesId: 'a', value: 2, attributes: {} };
    log.append(TOPIC, 0, [{ key: Buffer.of(0xff), value: serde.encode(event) }]);
    expect((await plain(log, { to: 3, kind: 'sum' }))[0]?.values).toEqual([4, 3]);
  });
});
