import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../src/core/random.ts';
import type { OutgoingRecord } from '../../src/log/log.ts';
import type { Accuracy } from '../../src/schemas/accuracy.ts';
import type { Score } from '../../src/schemas/score.ts';
import {
  accuracyIn,
  monitoringDriver,
  partitionOfSeries,
  scored,
  scoredUpTo,
  SERDES,
  summaryDriver,
  valuesOf,
} from '../support/quality-topologies.ts';
import { CHAMPION, randomScore, stepOf } from '../support/scores.ts';
import type { FedRecord } from '../support/topology-driver.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const START = 11_000 * DAY;

const alertsIn = (records: readonly OutgoingRecord[]) => valuesOf(records, 'alerts', SERDES.alert);

/** What monitoring tasks make of scores of one partition, all of whose days are over. */
const monitored = async (
  scores: readonly Partial<Score>[],
  end: number,
  { partition = 0, partitions = 1 } = {},
): Promise<OutgoingRecord[]> => {
  const task = monitoringDriver({ partition, partitions });
  const records = scores.map((score) => ({ ...scored(score), partition }));
  return task.feed([...records, scoredUpTo(end, { partition })]);
};

const fed = (records: readonly OutgoingRecord[]): FedRecord[] =>
  records.map((record) => ({ ...record, partition: 0 }));

const nameOf = ({ model, window }: Accuracy): string =>
  `${model.role} ${model.sha256} ${window.kind} ${(window.end - START) / DAY}`;

/** One score an hour and day, with a mean that is wrong by `error`. */
const daysOf = (days: number, error: (day: number) => number): Partial<Score>[] =>
  Array.from({ length: days }, (_, day) => ({
    target: START + day * DAY,
    actual: 10,
    steps: [stepOf({ mean: 10 + error(day) })],
  }));

describe('summary', () => {
  it('tells the accuracy of every model over each window that ends with a day', async () => {
    const shadow = { ...CHAMPION, sha256: 'bb', version: '2', role: 'shadow' as const };
    const scores = [
      ...daysOf(2, (day) => 1 + day),
      { target: START + DAY, actual: 10, model: shadow, steps: [stepOf({ mean: 15 })] },
    ];
    const sent = await summaryDriver().feed(fed(await monitored(scores, START + 2 * DAY)));
    const all = accuracyIn(sent);
    expect(all.map(nameOf)).toEqual([
      'champion aa 1d 1',
      'champion aa 7d 1',
      'champion aa 1d 2',
      'champion aa 7d 2',
      'shadow bb 1d 2',
      'shadow bb 7d 2',
    ]);
    expect(all.map(({ metrics }) => metrics['mae'])).toEqual([1, 1, 2, 1.5, 5, 5]);
    expect(all[3]).toMatchObject({
      scope: 'model',
      stream: 's',
      window: { start: START - 5 * DAY, end: START + 2 * DAY, count: 2 },
      metrics: { span_days: 2, wape: 0.15 },
      revision: 0,
    });
    expect(all[3]?.perStep.map(({ count }) => count)).toEqual([2, 0]);
    expect(sent[0]?.key?.toString()).toBe('model|m|1d');
  });

  it('sums nothing up before every partition has told of a day', async () => {
    const task = summaryDriver();
    const days = daysOf(1, () => 1);
    const first = await monitored(days, START + DAY, { partition: 0, partitions: 2 });
    expect(await task.feed(fed(first))).toEqual([]);
    const behind = await monitored(days, START + DAY - 1, { partition: 1, partitions: 2 });
    expect(await task.feed(fed(behind))).toEqual([]);
    const second = await monitored(days, START + DAY, { partition: 1, partitions: 2 });
    const all = accuracyIn(await task.feed(fed(second)));
    expect(all.map(({ window }) => window.count)).toEqual([2, 2]);
  });

  it.each([4, 8])('says the same of %i partitions as of one, to the last digit', async (count) => {
    const random = seededRandom(`partitions ${count}`);
    const scores = Array.from({ length: 9 * 24 * 12 }, (_, index) => ({
      ...randomScore(random, { horizon: 2, spread: 30 }),
      seriesId: `series ${index % 12}`,
      target: START + Math.floor(index / 12) * HOUR,
    }));
    const end = START + 9 * DAY;
    const oracle = accuracyIn(await summaryDriver().feed(fed(await monitored(scores, end))));
    const parts: OutgoingRecord[][] = [];
    for (let partition = 0; partition < count; partition += 1) {
      const own = scores.filter(({ seriesId }) => partitionOfSeries(seriesId, count) === partition);
      parts.push(await monitored(own, end, { partition, partitions: count }));
    }
    const task = summaryDriver();
    const mixed: OutgoingRecord[] = [];
    while (parts.some((part) => part.length > 0)) {
      mixed.push(...(parts[random.int(count)]?.splice(0, 1) ?? []));
    }
    expect(accuracyIn(await task.feed(fed(mixed)))).toEqual(oracle);
    expect(oracle).toHaveLength(18);
    expect(oracle.at(-1)?.window.count).toBeGreaterThan(2_000);
  });

  it('tells again of every window that holds a corrected day', async () => {
    const monitor = monitoringDriver({ partitions: 1 });
    const task = summaryDriver();
    const days = daysOf(9, () => 1);
    await task.feed(fed(await monitor.feed([...days.map(scored), scoredUpTo(START + 9 * DAY)])));
    const correction = { ...days[1], actual: 11, revision: 1, supersededActual: 10 };
    const told = await monitor.feed([scored(correction), scoredUpTo(START + 9 * DAY + 1)]);
    const again = accuracyIn(await task.feed(fed(told)));
    expect(again.map(nameOf)).toEqual([
      'champion aa 1d 2',
      ...[2, 3, 4, 5, 6, 7, 8].map((end) => `champion aa 7d ${end}`),
    ]);
    expect(again.every(({ revision }) => revision === 1)).toBe(true);
    const [day] = again;
    expect(day?.metrics).toMatchObject({ count: 1, mae: 0 });
    expect(again.at(-1)?.metrics).toMatchObject({ count: 7, mae: 6 / 7 });
  });

  it('forgets partials that no window can hold any more', async () => {
    const task = summaryDriver();
    const gap = daysOf(1, () => 1).concat([{ target: START + 60 * DAY }]);
    await task.feed(fed(await monitored(gap, START + 61 * DAY)));
    const kept = [...task.changelog.keys()].filter((key) => key.startsWith('kept-partials'));
    expect(kept).toHaveLength(1);
  });
});

describe('accuracy alerts', () => {
  it('fire once the decision window is full and above the limit, and resolve once', async () => {
    const task = summaryDriver({ thresholds: { wapePercent: 25, mapePercent: 1_000 } });
    const errors = (day: number): number => (day < 12 ? 3 : 0);
    const alerts = alertsIn(
      await task.feed(fed(await monitored(daysOf(30, errors), START + 30 * DAY))),
    );
    expect(alerts.map(({ state }) => state)).toEqual(['firing', 'resolved']);
    const [firing, resolved] = alerts;
    expect(firing?.id).toBe(resolved?.id);
    expect(firing).toMatchObject({ stream: 's', kind: 'accuracy', scope: 'model' });
    expect(firing?.message).toContain(
      'wapePercent of m 1 over 7d is 30: it is above its limit of 25',
    );
    expect(JSON.parse(firing?.evidence ?? '')).toMatchObject({
      metric: 'wapePercent',
      value: 30,
      window: { end: START + 7 * DAY },
    });
  });

  it('speak of the champion alone where there is one', async () => {
    const shadow = { ...CHAMPION, sha256: 'bb', role: 'shadow' as const };
    const fallback = { ...CHAMPION, sha256: '', role: 'fallback' as const };
    const wrong = daysOf(10, () => 9);
    const scores = [
      ...daysOf(10, () => 1),
      ...wrong.map((score) => ({ ...score, model: shadow })),
      ...wrong.map((score) => ({ ...score, model: fallback })),
    ];
    const thresholds = { wapePercent: 25 };
    const end = START + 10 * DAY;
    expect(
      alertsIn(await summaryDriver({ thresholds }).feed(fed(await monitored(scores, end)))),
    ).toEqual([]);
    const without = await monitored(scores.slice(10), end);
    expect(alertsIn(await summaryDriver({ thresholds }).feed(fed(without)))).toHaveLength(1);
  });
});
