import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../src/core/random.ts';
import { mergeSums } from '../../src/evaluation/error-sums.ts';
import type { LogRecord, OutgoingRecord } from '../../src/log/log.ts';
import { offset } from '../../src/log/offset.ts';
import type {
  AccuracyPartial,
  SeriesStatistic,
  PartialRecord as Told,
} from '../../src/schemas/partial.ts';
import { isWatermark, parseWatermark } from '../../src/streams/watermarks.ts';
import {
  monitoringDriver,
  scored,
  scoredUpTo,
  SERDES,
  valuesOf,
} from '../support/quality-topologies.ts';
import { CHAMPION, LEVELS, NAIVE_NAMES, randomScore, stepOf } from '../support/scores.ts';
import type { FedRecord } from '../support/topology-driver.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const START = 11_000 * DAY;
const HORIZON = 2;

const driver = (frequency = '1h') => monitoringDriver({ frequency, partialsPartitions: 2 });

const asLogged = (record: OutgoingRecord): LogRecord => ({
  offset: offset(0),
  appendedAtMs: 0,
  headers: {},
  ...record,
});

const told = (records: readonly OutgoingRecord[]): Told[] =>
  valuesOf(records, 's.partials', SERDES.partial);

const partialsIn = (records: readonly OutgoingRecord[]): AccuracyPartial[] =>
  told(records).filter((value) => value.type === 'AccuracyPartial');

const statisticsIn = (records: readonly OutgoingRecord[]): SeriesStatistic[] =>
  told(records).filter((value) => value.type === 'SeriesStatistic');

const watermarksIn = (records: readonly OutgoingRecord[]): string[] =>
  records
    .map(asLogged)
    .filter(isWatermark)
    .map((record) => {
      const { topic, partition, watermark, idle } = parseWatermark(record);
      const days = (watermark - START) / DAY;
      return `${record.partition}: ${topic}/${partition} ${days}${idle ? ' idle' : ''}`;
    });

describe('monitoring', () => {
  it('tells of a day once it is over, by model and role, with exact sums', async () => {
    const task = driver();
    const shadow = { ...CHAMPION, sha256: 'bb', version: '2', role: 'shadow' as const };
    const sent = await task.feed([
      scored({ target: START, actual: 10, steps: [stepOf(), stepOf({ step: 2, mean: 13 })] }),
      scored({ target: START + 23 * HOUR, actual: 14 }),
      scored({ target: START, model: shadow }),
      scored({ target: START + DAY, actual: 1 }),
      scoredUpTo(START + DAY - 1),
    ]);
    expect(partialsIn(sent)).toEqual([]);
    const [first, second, ...rest] = partialsIn(await task.feed([scoredUpTo(START + DAY)]));
    expect(rest).toEqual([]);
    expect(first).toMatchObject({
      model: 'm',
      sha256: 'aa',
      role: 'champion',
      scope: 'model',
      windowStart: START,
      windowEnd: START + DAY,
      partition: 0,
      revision: 0,
    });
    expect(first?.total).toMatchObject({ count: 3, absoluteError: Float64Array.of(2 + 3 + 2) });
    expect(first?.perStep.map(({ count }) => count)).toEqual([2, 1]);
    expect(second).toMatchObject({ sha256: 'bb', role: 'shadow', total: { count: 1 } });
  });

  it('tells every partition of partials how far days are complete, after their sums', async () => {
    const task = driver();
    const sent = await task.feed([scored({ target: START }), scoredUpTo(START + 1)]);
    expect(watermarksIn(sent)).toEqual(['0: s.scores/0 0', '1: s.scores/0 0']);
    const nothing = await task.feed([scoredUpTo(START + HOUR), scoredUpTo(START + 2 * HOUR)]);
    expect(nothing).toEqual([]);
    const closing = await task.feed([
      scoredUpTo(START + DAY),
      scoredUpTo(START + DAY + 1, { idle: true }),
    ]);
    expect(closing[0]?.value).not.toBeNull();
    expect(watermarksIn(closing)).toEqual([
      '0: s.scores/0 1',
      '0: s.scores/0 1 idle',
      '1: s.scores/0 1',
      '1: s.scores/0 1 idle',
    ]);
  });

  it('takes out what a correction supersedes and tells of its day again', async () => {
    const task = driver();
    await task.feed([
      scored({ target: START, actual: 10 }),
      scored({ target: START + HOUR, actual: 11 }),
      scoredUpTo(START + DAY),
    ]);
    const correction = { target: START, actual: 12.5, revision: 1, supersededActual: 10 };
    expect(await task.feed([scored(correction)])).toEqual([]);
    const [again] = partialsIn(await task.feed([scoredUpTo(START + DAY + HOUR)]));
    const calm = driver();
    const [expected] = partialsIn(
      await calm.feed([
        scored({ target: START + HOUR, actual: 11 }),
        scored({ target: START, actual: 12.5 }),
        scoredUpTo(START + DAY),
      ]),
    );
    expect(again).toEqual({ ...expected, revision: 1 });
    expect(again?.total.count).toBe(2);
  });

  it('gives a revision to what it says first of a day that is over', async () => {
    const task = driver();
    await task.feed([scoredUpTo(START + 2 * DAY)]);
    const late = await task.feed([scored({ target: START }), scoredUpTo(START + 2 * DAY + 1)]);
    expect(partialsIn(late)).toMatchObject([{ windowStart: START, revision: 1 }]);
  });

  it('drops corrections of days that it no longer holds, both halves of them', async () => {
    const task = driver();
    await task.feed([scored({ target: START }), scoredUpTo(START + DAY)]);
    await task.feed([scoredUpTo(START + 40 * DAY)]);
    const correction = { target: START, actual: 12, revision: 1, supersededActual: 10 };
    const sent = await task.feed([scored(correction), scoredUpTo(START + 41 * DAY)]);
    expect(partialsIn(sent)).toEqual([]);
    expect([...task.changelog.keys()].filter((key) => key.startsWith('day-sums'))).toEqual([]);
  });

  it('waits for the end of the last period that begins in a day', async () => {
    const monthly = driver('1mo');
    const february = Date.UTC(2001, 1, 1);
    const given = scored({ target: february });
    expect(partialsIn(await monthly.feed([given, scoredUpTo(Date.UTC(2001, 1, 28))]))).toEqual([]);
    expect(partialsIn(await monthly.feed([scoredUpTo(Date.UTC(2001, 2, 1))]))).toHaveLength(1);
  });

  it('adds up to the same bytes on two partitions as on one', async () => {
    const random = seededRandom('partitions');
    const [one, left, right] = [driver(), driver(), driver()];
    const records = Array.from({ length: 300 }, () =>
      scored({ ...randomScore(random, { horizon: HORIZON, spread: 20 }), target: START }),
    );
    const end = scoredUpTo(START + DAY);
    const [whole] = partialsIn(await one.feed([...records, end]));
    const half = records.filter(() => random.int(2) === 0);
    const [first] = partialsIn(await left.feed([...half, end]));
    const others = records.filter((record) => !half.includes(record)).reverse();
    const [second] = partialsIn(await right.feed([...others, end]));
    expect(first !== undefined && second !== undefined && half.length > 100).toBe(true);
    const shape = { levels: LEVELS, naiveNames: NAIVE_NAMES };
    const totals = [first, second].flatMap((part) => (part === undefined ? [] : [part.total]));
    expect(mergeSums(totals, shape)).toEqual(whole?.total);
  });
});

const errorsOf = (days: number, errorAt: (hour: number) => number, sha256 = 'aa'): FedRecord[] =>
  Array.from({ length: days * 24 }, (_, hour) => [
    scored({
      target: START + hour * HOUR,
      actual: 100,
      model: { ...CHAMPION, sha256 },
      steps: [stepOf({ step: 2, mean: 100 + errorAt(hour) })],
    }),
    scoredUpTo(START + (hour + 1) * HOUR),
  ]).flat();

describe('the drift tests of monitoring', () => {
  const noise = seededRandom('noise');
  const noises = Array.from({ length: 24 * 30 }, () => noise.normal());
  const steady = (hour: number): number => noises[hour] ?? 0;

  it('come at the end of each day, once there are enough reference units', async () => {
    const sent = await driver().feed(errorsOf(5, steady));
    const ticks = statisticsIn(sent).map(({ tick }) => (tick - START) / DAY);
    expect(ticks).toEqual([3, 4, 5]);
    expect(statisticsIn(sent).at(-1)).toMatchObject({
      seriesId: 'a',
      model: 'm',
      sha256: 'aa',
      detector: 'ks',
      referenceStart: START,
      recentStart: START + 4 * DAY,
      referenceCount: 96,
      recentCount: 24,
    });
  });

  it('find a planted shift and a higher loss', async () => {
    const sent = await driver().feed(errorsOf(6, (hour) => steady(hour) + (hour >= 120 ? 3 : 0)));
    const [before, after] = statisticsIn(sent).slice(-2);
    expect(before?.pValue).toBeGreaterThan(0.01);
    expect(after?.pValue).toBeLessThan(1e-6);
    expect(after?.effectSize).toBeGreaterThan(2);
    expect(after?.lossPValue).toBeLessThan(1e-6);
  });

  it('begin anew with a new champion', async () => {
    const task = driver();
    await task.feed(errorsOf(5, steady));
    const next = errorsOf(9, steady, 'bb').slice(5 * 48);
    const ticks = statisticsIn(await task.feed(next)).map(({ tick, sha256 }) => [
      (tick - START) / DAY,
      sha256,
    ]);
    expect(ticks).toEqual([
      [8, 'bb'],
      [9, 'bb'],
    ]);
  });

  it('leave out other roles and other steps', async () => {
    const shadow = Array.from({ length: 5 * 24 }, (_, hour) => [
      scored({ target: START + hour * HOUR, model: { ...CHAMPION, role: 'shadow' } }),
      scored({ target: START + hour * HOUR, steps: [stepOf({ step: 1 })] }),
      scoredUpTo(START + (hour + 1) * HOUR),
    ]).flat();
    expect(statisticsIn(await driver().feed(shadow))).toEqual([]);
  });

  it('hold no more than their ring, and read no error of an earlier lap', async () => {
    const task = driver();
    const gap = 40 * 24;
    const early = errorsOf(5, steady);
    const late = errorsOf(46, (hour) => steady(hour % 700)).slice(gap * 2);
    const sent = statisticsIn(await task.feed([...early, ...late]));
    const ticks = sent.map(({ tick }) => (tick - START) / DAY);
    // Five days before the gap; after it the recent window is full at once, the reference half full
    // on day 43.
    expect(ticks).toEqual([3, 4, 5, 44, 45, 46]);
    expect(sent.every(({ referenceCount }) => referenceCount <= 96)).toBe(true);
  });
});

describe('a monitoring task', () => {
  const random = seededRandom('batches');
  const records: FedRecord[] = [];
  for (let hour = 0; hour < 24 * 6; hour += 1) {
    for (const seriesId of ['a', 'b']) {
      const score = randomScore(random, { horizon: HORIZON, spread: 60 });
      records.push(scored({ ...score, seriesId, target: START + hour * HOUR }));
    }
    records.push(scoredUpTo(START + (hour + 1) * HOUR));
  }

  it('says the same however its input is cut, revived or tried in vain in between', async () => {
    const whole = driver();
    await whole.feed(records);
    const cut = driver();
    for (let at = 0; at < records.length;) {
      const size = 1 + random.int(40);
      const batch = records.slice(at, at + size);
      at += size;
      if (random.int(3) === 0) await cut.feedInVain(batch);
      await cut.feed(batch);
      if (random.int(3) === 0) cut.revive();
    }
    expect(cut.sentByPartition()).toEqual(whole.sentByPartition());
    expect(partialsIn(whole.sent)).toHaveLength(6);
    expect(statisticsIn(whole.sent).length).toBeGreaterThan(4);
  });
});
