import { describe, expect, it } from 'vitest';
import { DAY_MS, idlesOf, ingestDriver, raw, RAW, written } from '../support/ingest-driver.ts';
import type { TopologyDriver } from '../support/topology-driver.ts';

const MINUTE_MS = 60_000;
const START = Date.UTC(2024, 0, 1);
const GRACE = 10 * MINUTE_MS;
const at = (minutes: number): number => START + minutes * MINUTE_MS;
const read = (sent: Parameters<typeof written>[0]): string[] =>
  written(sent, START).map((one) =>
    one.replaceAll(/-?\d{5,}/g, (ms) => `${Number(ms) / MINUTE_MS}m`),
  );

describe('the ingest topology', () => {
  it('re-keys events, and says where each came from', async () => {
    const sent = await ingestDriver({ graceMs: GRACE }).feed([raw('a', at(0)), raw('b', at(1))]);
    const events = sent.filter(({ value }) => value !== null);
    expect(events.map(({ key, headers }) => [String(key), headers?.['source']])).toEqual([
      ['a', 'raw:0:0'],
      ['b', 'raw:0:1'],
    ]);
  });

  it('tells every partition of observations when a period end is crossed', async () => {
    const driver = ingestDriver({ partitions: 2 });
    const sent = await driver.feed([
      raw('a', at(30)),
      raw('a', at(69)),
      raw('a', at(70)),
      raw('a', at(71)),
      raw('a', at(190)),
    ]);
    expect(read(sent).filter((one) => one.includes('watermark'))).toEqual([
      ...['0:watermark 20m', '0:watermark 60m', '0:watermark 180m'],
      ...['1:watermark 20m', '1:watermark 60m', '1:watermark 180m'],
    ]);
  });

  it('never takes a watermark back, and tells it after the event that moved it', async () => {
    const driver = ingestDriver();
    const sent = await driver.feed([raw('a', at(70)), raw('a', at(5)), raw('a', at(130))]);
    expect(read(sent)).toEqual([
      ...['0:a@70m', '0:watermark 60m'],
      '0:a@5m late 60m',
      ...['0:a@130m', '0:watermark 120m'],
    ]);
  });

  it('calls an event late when its period had ended at its own partition, not before', async () => {
    const driver = ingestDriver();
    await driver.feed([raw('a', at(65))]);
    // Behind by more than the grace, yet its hour is still open.
    expect(read(await driver.feed([raw('a', at(40))]))).toEqual(['0:a@40m']);
    await driver.feed([raw('a', at(70))]);
    expect(read(await driver.feed([raw('a', at(59))]))).toEqual(['0:a@59m late 60m']);
    expect(read(await driver.feed([raw('a', at(60))]))).toEqual(['0:a@60m']);
  });

  it('puts aside what cannot be an event, without a step in time or a lost neighbour', async () => {
    const driver = ingestDriver();
    const sent = await driver.feed([
      raw('a', at(0)),
      { topic: RAW, value: Buffer.from('{"s":"a"') },
      { topic: RAW, value: null },
      raw('a', at(0) + DAY_MS + 1, { appendedAtMs: at(0) }),
      raw('x'.repeat(300), at(1)),
      raw('a', at(2)),
    ]);
    expect(driver.refusals).toHaveLength(4);
    expect(driver.refusals.map(({ record }) => record.offset)).toEqual([1, 2, 3, 4]);
    expect(read(sent)).toEqual(['0:a@0', '0:watermark -10m', '0:a@2m']);
  });

  it('writes the same whatever batches the events come in, and after a crash', async () => {
    const events = Array.from({ length: 60 }, (_, index) =>
      raw(`s${index % 7}`, at(((index * 37) % 50) + index * 4), { id: `e${index % 45}` }),
    );
    const whole = ingestDriver({ partitions: 3 });
    await whole.feed(events);
    const single = ingestDriver({ partitions: 3 });
    for (const event of events) {
      await single.feedInVain([event]);
      await single.feed([event]);
      single.revive();
    }
    expect(single.sentByPartition()).toEqual(whole.sentByPartition());
    expect(single.sent.filter(({ value }) => value !== null).length).toBeGreaterThan(40);
    expect(read(whole.sent).some((one) => one.includes('late'))).toBe(true);
  });
});

describe('a raw partition without news', () => {
  const SECONDS = 1_000;
  const silent = async (driver: TopologyDriver, nowMs: number, atEnd = true) =>
    driver.feed([], { nowMs, atEnd });

  it('is idle after a while, by a recorded decision that everybody hears once', async () => {
    const driver = ingestDriver({ partitions: 2 });
    await driver.feed([raw('a', at(0)), raw('a', at(30))], { nowMs: 0 });
    expect(await silent(driver, 4 * SECONDS)).toEqual([]);
    const sent = await silent(driver, 5 * SECONDS);
    expect(read(sent)).toEqual(['0:watermark 20m idle', '1:watermark 20m idle']);
    expect(idlesOf(sent)).toEqual([
      {
        ...{ type: 'PartitionIdle', stream: 's', task: 'ingest.0', idle: true },
        ...{ watermark: at(20), source: { topic: RAW, partition: 0, offset: 2 } },
      },
    ]);
    expect(await silent(driver, 60 * SECONDS)).toEqual([]);
  });

  it('says again that it is idle, once, when others have woken and wait for its word', async () => {
    let awakenings = 0;
    const driver = ingestDriver({
      idle: { idleAfterMs: 5_000, isEnding: () => false },
      awakenings: () => awakenings,
    });
    await driver.feed([raw('a', at(30))], { nowMs: 0 });
    expect(idlesOf(await silent(driver, 10 * SECONDS))).toHaveLength(1);
    expect(idlesOf(await silent(driver, 20 * SECONDS))).toHaveLength(0);
    awakenings = 1;
    expect(idlesOf(await silent(driver, 30 * SECONDS))).toHaveLength(1);
    expect(idlesOf(await silent(driver, 40 * SECONDS))).toHaveLength(0);
  });

  it('is not idle while there is more to read, or just after a restart', async () => {
    const driver = ingestDriver();
    await driver.feed([raw('a', at(0))], { nowMs: 0 });
    expect(await silent(driver, 9 * SECONDS, false)).toEqual([]);
    driver.revive();
    expect(await silent(driver, 20 * SECONDS)).toEqual([]);
    expect(idlesOf(await silent(driver, 25 * SECONDS))).toHaveLength(1);
  });

  it('becomes idle while it gets broken records alone, and does not wake by them', async () => {
    const driver = ingestDriver();
    await driver.feed([raw('a', at(30))], { nowMs: 0 });
    const broken = { topic: RAW, value: Buffer.from('{') };
    for (const seconds of [1, 2, 3, 4]) await driver.feed([broken], { nowMs: seconds * SECONDS });
    expect(idlesOf(await silent(driver, 5 * SECONDS))).toHaveLength(1);
    const sent = await driver.feed([broken, raw('a', at(31))], { nowMs: 6 * SECONDS });
    expect(idlesOf(sent).map(({ idle, source }) => [idle, source.offset])).toEqual([[false, 6]]);
    expect(idlesOf(await driver.feed([broken], { nowMs: 7 * SECONDS }))).toEqual([]);
    expect(driver.refusals).toHaveLength(6);
  });

  it('becomes idle though no poll is ever empty, as long as none brings an event', async () => {
    let awakenings = 0;
    const driver = ingestDriver({ awakenings: () => awakenings });
    await driver.feed([raw('a', at(30))], { nowMs: 0 });
    const broken = { topic: RAW, value: Buffer.from('{') };
    const idle: number[][] = [];
    for (let nowMs = 400; nowMs < 20 * SECONDS; nowMs += 400) {
      if (nowMs === 10 * SECONDS) awakenings = 1;
      // Read to its end, but for one poll at which it was due.
      const sent = await driver.feed([broken], { nowMs, atEnd: nowMs !== 5_200 });
      for (const { source } of idlesOf(sent)) idle.push([nowMs, source.offset]);
    }
    // Behind what it has read, and again once others wait for its word.
    expect(idle).toEqual([
      [5_600, 15],
      [10_000, 26],
    ]);
  });

  it('holds time back again before its next event is read', async () => {
    const driver = ingestDriver();
    await driver.feed([raw('a', at(30))], { nowMs: 0 });
    await silent(driver, 5 * SECONDS);
    driver.revive();
    const sent = await driver.feed([raw('a', at(31)), raw('a', at(70))], { nowMs: 6 * SECONDS });
    expect(read(sent)).toEqual([...['0:watermark 20m', '0:a@31m', '0:a@70m', '0:watermark 60m']]);
    expect(idlesOf(sent).map(({ idle, source }) => [idle, source.offset])).toEqual([[false, 1]]);
  });

  it('may have been empty from the start', async () => {
    const driver = ingestDriver();
    await silent(driver, 0);
    const sent = await silent(driver, 5 * SECONDS);
    expect(idlesOf(sent).map(({ watermark, source }) => [watermark, source.offset])).toEqual([
      [0, 0],
    ]);
    expect(written(sent, 0)).toEqual(['0:watermark -Infinity idle']);
  });

  it('is idle at once when the run is to end, and reads nothing more', async () => {
    let isEnding = false;
    const driver = ingestDriver({ idle: { idleAfterMs: 5_000, isEnding: () => isEnding } });
    await driver.feed([raw('a', at(30))], { nowMs: 0 });
    expect(driver.isPaused).toBe(false);
    isEnding = true;
    expect(driver.isPaused).toBe(true);
    const sent = await silent(driver, 1, false);
    expect(idlesOf(sent).map(({ idle, source }) => [idle, source.offset])).toEqual([[true, 1]]);
  });

  it('waits while it is too far ahead of the others', async () => {
    const asked: number[] = [];
    const driver = ingestDriver({
      isAhead: (watermarkMs) => asked.push(watermarkMs) > 0 && watermarkMs > at(60),
    });
    expect(driver.isPaused).toBe(false);
    await driver.feed([raw('a', at(70))]);
    expect(driver.isPaused).toBe(false);
    await driver.feed([raw('a', at(75))]);
    expect(driver.isPaused).toBe(true);
    expect(asked).toEqual([-Infinity, at(60), at(65)]);
  });
});

describe('an event that comes again', () => {
  it('passes with its id, for whoever knows what its series had by other partitions', async () => {
    const driver = ingestDriver();
    const one = raw('a', at(10), { id: 'one' });
    const sent = await driver.feed([one, one, raw('a', at(70)), one]);
    const events = sent.filter(({ value }) => value !== null);
    expect(events.map(({ headers }) => [headers?.['id'], headers?.['late']])).toEqual([
      ['one', undefined],
      ['one', undefined],
      [undefined, undefined],
      ['one', String(at(60))],
    ]);
    expect(driver.refusals).toEqual([]);
    expect([...driver.changelog.keys()]).toEqual([]);
  });
});
