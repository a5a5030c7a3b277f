import { describe, expect, it } from 'vitest';
import { parseFrequency } from '../../src/core/frequency.ts';
import { seededRandom } from '../../src/core/random.ts';
import {
  aggregation,
  AGGREGATION_KINDS,
  type AggregateState,
} from '../../src/features/aggregation.ts';
import { replayedHistory } from '../../src/streams/topologies/training/replay.ts';
import { replayMarker } from '../../src/streams/replay-marker.ts';
import { watermarkRecord } from '../../src/streams/watermarks.ts';
import {
  complete,
  historyOf,
  HOUR,
  logOf,
  plain,
  serde,
  TOPIC,
} from '../support/replayed-history.ts';

describe('the replay of a training history', () => {
  it('counts the events of each period, none too, up to the end of the window', async () => {
    const log = await logOf([
      { at: 2.5 },
      { at: 2.9 },
      { at: 4.1 },
      { at: 3, seriesId: 'b', partition: 1 },
    ]);
    expect(await plain(log, { to: 7 })).toEqual([
      { seriesId: 'a', firstPeriod: 2, values: [2, 0, 1, 0, 0] },
      { seriesId: 'b', firstPeriod: 3, values: [1, 0, 0, 0] },
    ]);
  });

  it('begins where the stream began again, partition by partition', async () => {
    const log = await logOf([
      { at: 1, attributes: { zone: 'Asia/Tokyo' } },
      { at: 1 },
      { at: 2, id: 'one' },
      { at: 1, seriesId: 'b', partition: 1 },
      { at: 2, seriesId: 'c' },
    ]);
    const sources = '1;raw/0';
    const said = { topic: 'raw', partition: 0, watermark: 9 * HOUR, idle: false, sources };
    log.append(TOPIC, 0, [watermarkRecord({ topic: TOPIC, partition: 0 }, said)]);
    log.append(TOPIC, 0, [replayMarker({ topic: TOPIC, partition: 0 }, 'again')]);
    const asked = { to: 4, timeZoneAttribute: 'zone' };
    expect(await plain(log, asked)).toEqual([{ seriesId: 'b', firstPeriod: 1, values: [1, 0, 0] }]);
    // What would have been late before the marker is not behind it.
    const observation = { seriesId: 'a', eventTime: 2 * HOUR, value: 1, attributes: {} };
    const record = { key: Buffer.from('a'), value: serde.encode(observation) };
    log.append(TOPIC, 0, [{ ...record, headers: { id: 'one' } }, record]);
    const { series } = await historyOf(log, asked);
    expect(series).toEqual([
      { seriesId: 'a', firstPeriod: 2, values: Float64Array.of(2, 0) },
      { seriesId: 'b', firstPeriod: 1, values: Float64Array.of(1, 0, 0) },
    ]);
  });

  it('reads each partition to the offset of the request and no further', async () => {
    const log = await logOf([{ at: 1 }, { at: 1 }, { at: 2 }]);
    const [{ offset: second } = { offset: 0 }] = log.snapshot(TOPIC).slice(1);
    expect(await plain(log, { to: 3, ends: [second, 0] })).toEqual([
      { seriesId: 'a', firstPeriod: 1, values: [1, 0] },
    ]);
    expect(await plain(log, { to: 3, ends: [0, 0] })).toEqual([]);
  });

  it('leaves out what was late, and what lies outside of window and ring', async () => {
    const log = await logOf([{ at: 1 }, { at: 6 }, { at: 9 }, { at: 7, isLate: true }]);
    expect(await plain(log, { from: 7, to: 9, ringPeriods: 2 })).toEqual([
      { seriesId: 'a', firstPeriod: 5, values: [0, 1, 0, 0] },
    ]);
  });

  it('gives a series the known zone that its earliest event names, from there on', async () => {
    const log = await logOf([
      { at: 1 },
      { at: 3.5, attributes: { tz: 'Asia/Tokyo' } },
      { at: 2.5, attributes: { tz: 'Europe/Berlin' } },
      { at: 2.5, attributes: { tz: 'Europe/Paris' } },
      { at: 2, attributes: { tz: 'Nowhere/At_All' } },
      { at: 1, seriesId: 'b' },
    ]);
    const { series } = await historyOf(log, { to: 4, timeZoneAttribute: 'tz' });
    expect(series.map(({ timeZone, timeZoneFrom }) => [timeZone, timeZoneFrom])).toEqual([
      ['Europe/Berlin', 2],
      [undefined, undefined],
    ]);
  });

  it('counts an event once that came again while its period was open', async () => {
    const log = await logOf([
      { at: 1, id: 'x', value: 4 },
      { at: 1, id: 'y', value: 2 },
      { at: 1, id: 'x', value: 4 },
      { at: 2, id: 'x', value: 3 },
      { at: 1, value: 1 },
      { at: 1, value: 1 },
    ]);
    for (const [kind, values] of [
      ['count', [4, 1]],
      ['sum', [8, 3]],
    ] as const) {
      expect(await plain(log, { to: 3, kind })).toEqual([
        { seriesId: 'a', firstPeriod: 1, values },
      ]);
    }
    expect((await plain(log, { to: 3, eventsMax: 1 }))[0]?.values).toEqual([5, 1]);
  });

  it('leaves out what came when the watermarks said that its period was over', async () => {
    const log = await logOf([{ at: 1, id: 'x' }, { at: 1, id: 'y' }, { at: 2 }]);
    complete(log, 2);
    const event = { eventTime: HOUR, seriesId: 'a', value: 1, attributes: {} };
    const record = { key: Buffer.from('a'), value: serde.encode(event) };
    log.append(TOPIC, 0, [record, { ...record, headers: { id: 'x' } }]);
    expect((await plain(log, { to: 3 }))[0]?.values).toEqual([2, 1]);
  });

  it('skips watermarks', async () => {
    const log = await logOf([{ at: 1 }]);
    complete(log, 9);
    expect(await plain(log, { to: 2 })).toEqual([{ seriesId: 'a', firstPeriod: 1, values: [1] }]);
  });

  it.each(AGGREGATION_KINDS)('gives the same as the aggregation itself: %s', async (kind) => {
    const random = seededRandom(`replay ${kind}`);
    const events = Array.from({ length: 3_000 }, () => ({
      at: random.int(2_000) / 2,
      partition: random.int(2),
      // Far apart in size, so that sums need many partials.
      value: random.int(20) === 0 ? null : random.normal() * 10 ** (random.int(60) - 30),
    }));
    const oracle = aggregation(kind);
    const states = new Map<number, AggregateState>();
    for (const { at, value: measured } of events) {
      const state = states.get(Math.floor(at)) ?? oracle.initial();
      states.set(Math.floor(at), state);
      oracle.fold(state, { eventTimeMs: at * HOUR, value: measured });
    }
    const first = Math.min(...states.keys());
    const expected = Array.from({ length: 1_000 - first }, (_, index) => {
      const state = states.get(first + index);
      return state === undefined ? oracle.empty : oracle.value(state);
    });
    const [history] = await plain(await logOf(events), { to: 1_000, kind });
    expect(history).toEqual({ seriesId: 'a', firstPeriod: first, values: expected });
    expect(states.size).toBeGreaterThan(900);
  });

  it('keeps a sample of the series when all are too many, the same one every time', async () => {
    const events = Array.from({ length: 100 }, (_, index) => ({
      at: 1 + (index % 5),
      seriesId: `series ${index % 20}`,
      partition: index % 2,
    }));
    const log = await logOf(events);
    const asked = { to: 10, wordsMax: 50 };
    const sample = await plain(log, asked);
    expect(sample.length).toBeGreaterThan(3);
    expect(sample.length).toBeLessThan(12);
    expect(await plain(log, asked)).toEqual(sample);
    const all = await plain(log, { to: 10 });
    expect(all).toHaveLength(20);
    expect(all.filter(({ seriesId }) => sample.some((one) => one.seriesId === seriesId))).toEqual(
      sample,
    );
  });

  it('stops when it is told to, so that it is tried again', async () => {
    const log = await logOf([{ at: 1 }]);
    const options = {
      ...{ log, observations: TOPIC, serde, aggregation: aggregation('count') },
      ...{ frequency: parseFrequency('1h'), ringPeriods: 1, holidays: null },
      ...{ timeZoneAttribute: undefined, isKeyed: false },
    };
    const offsets = [{ topic: TOPIC, partition: 0, next: 1 }];
    const trainingWindow = { start: 0, end: HOUR, offsets };
    const request = { id: 'r', model: 'm', stream: 's', reason: 'manual', evidence: '{}' } as const;
    await expect(
      replayedHistory(options)({ ...request, trainingWindow }, AbortSignal.abort()),
    ).rejects.toMatchObject({ code: 'TRAINING_ABORTED', retriable: true });
  });
});
