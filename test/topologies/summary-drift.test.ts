import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../src/core/random.ts';
import type { OutgoingRecord } from '../../src/log/log.ts';
import type { SeriesStatistic } from '../../src/schemas/partial.ts';
import {
  accuracyIn,
  monitoringDriver,
  scored,
  scoredUpTo,
  SERDES,
  summaryDriver,
  valuesOf,
} from '../support/quality-topologies.ts';
import { randomScore } from '../support/scores.ts';
import type { FedRecord, TopologyDriver } from '../support/topology-driver.ts';

const DAY = 86_400_000;
const START = 11_000 * DAY;

const alertsIn = (records: readonly OutgoingRecord[]) => valuesOf(records, 'alerts', SERDES.alert);
const signalsIn = (records: readonly OutgoingRecord[]) =>
  valuesOf(records, 's.drift', SERDES.drift);

const fed = (records: readonly OutgoingRecord[]): FedRecord[] =>
  records.map((record) => ({ ...record, partition: 0 }));

const statistic = (seriesId: string, day: number, given: Partial<SeriesStatistic>): FedRecord => ({
  topic: 's.partials',
  value: SERDES.partial.encode({
    type: 'SeriesStatistic',
    model: 'm',
    version: '1',
    sha256: 'aa',
    seriesId,
    tick: START + day * DAY,
    partition: 0,
    detector: 'ks',
    statistic: 0.05,
    pValue: 0.6,
    effectSize: 0.01,
    referenceCount: 96,
    recentCount: 24,
    effectiveSize: 19,
    referenceStart: START + (day - 5) * DAY,
    recentStart: START + (day - 1) * DAY,
    referenceMean: 0,
    recentMean: 1,
    referenceLoss: 1,
    recentLoss: 2,
    lossPValue: 0.5,
    ...given,
  }),
});

const SHIFTED = { statistic: 0.6, pValue: 1e-5, effectSize: 0.8 };
const WORSE = { ...SHIFTED, lossPValue: 0.001 };

/** Feeds ten series a day; `given` says what is special about the first ones. */
const watch = async (
  task: TopologyDriver,
  days: readonly (readonly Partial<SeriesStatistic>[])[],
): Promise<OutgoingRecord[]> => {
  const monitor = monitoringDriver({ partitions: 1 });
  const sent: OutgoingRecord[] = [];
  for (const [index, given] of days.entries()) {
    const day = index + 1;
    const partials = await monitor.feed([
      scored({ target: START + index * DAY }),
      scoredUpTo(START + day * DAY),
    ]);
    const tests = Array.from({ length: 10 }, (_, series) =>
      statistic(`s${series}`, day, given[series] ?? {}),
    );
    sent.push(...(await task.feed([...tests, ...fed(partials)])));
  }
  return sent;
};

describe('drift', () => {
  it('is suspected after two days, confirmed when the loss is worse, and cleared', async () => {
    const sent = await watch(summaryDriver(), [[SHIFTED], [SHIFTED], [WORSE], [WORSE], [], []]);
    const signals = signalsIn(sent);
    expect(signals.map(({ state, scope }) => [state, scope])).toEqual([
      ['suspected', 'series:s0'],
      ['confirmed', 'series:s0'],
      ['cleared', 'series:s0'],
    ]);
    expect(new Set(signals.map(({ episodeId }) => episodeId)).size).toBe(1);
    expect(signals[1]).toMatchObject({
      model: 'm',
      detector: 'ks',
      statistic: 0.6,
      pValue: 1e-5,
      effectSize: 0.8,
      severity: 'warning',
      reference: { start: START - DAY, end: START + 3 * DAY, count: 96, mean: 0 },
      recent: { start: START + 3 * DAY, end: START + 4 * DAY, count: 24, mean: 1 },
    });
    // Ten tests, one of them significant.
    expect(signals[1]?.correctedPValue).toBeCloseTo(1e-4, 12);
    expect(alertsIn(sent).map(({ state, kind }) => [state, kind])).toEqual([
      ['firing', 'drift'],
      ['resolved', 'drift'],
    ]);
  });

  it('that was never confirmed disturbs nobody', async () => {
    const sent = await watch(summaryDriver(), [[SHIFTED], [SHIFTED], [], []]);
    expect(signalsIn(sent).map(({ state }) => state)).toEqual(['suspected', 'cleared']);
    expect(alertsIn(sent)).toEqual([]);
  });

  it('is corrected for the number of series', async () => {
    const weak = { ...SHIFTED, pValue: 0.01 };
    expect(signalsIn(await watch(summaryDriver(), [[weak], [weak], [weak]]))).toEqual([]);
  });

  it('of many series at once is one incident', async () => {
    const many = [WORSE, WORSE, WORSE];
    const sent = await watch(summaryDriver(), [many, many, many, [], []]);
    expect(signalsIn(sent).map(({ state, scope, severity }) => [state, scope, severity])).toEqual([
      ['confirmed', 'model', 'critical'],
      ['cleared', 'model', 'info'],
    ]);
    expect(signalsIn(sent)[0]).toMatchObject({ detector: 'share-of-series', statistic: 0.3 });
    expect(alertsIn(sent).map(({ scope, state }) => [scope, state])).toEqual([
      ['model', 'firing'],
      ['model', 'resolved'],
    ]);
  });

  it('of many series at once hides none that is worse while most are not', async () => {
    const many = [WORSE, SHIFTED, SHIFTED];
    const sent = await watch(summaryDriver(), [many, many, many, many, [], []]);
    expect(signalsIn(sent).map(({ state, scope }) => [state, scope])).toEqual([
      ['suspected', 'model'],
      ['confirmed', 'series:s0'],
      ['suspected', 'series:s1'],
      ['suspected', 'series:s2'],
      ['cleared', 'model'],
      ['cleared', 'series:s0'],
      ['cleared', 'series:s1'],
      ['cleared', 'series:s2'],
    ]);
    expect(alertsIn(sent).map(({ scope, state }) => [scope, state])).toEqual([
      ['series:s0', 'firing'],
      ['series:s0', 'resolved'],
    ]);
  });

  it('ends when its series is no longer tested, as after a promotion', async () => {
    const task = summaryDriver();
    await watch(task, [[WORSE], [WORSE]]);
    const monitor = monitoringDriver({ partitions: 1 });
    const days = [2, 3, 4].flatMap((day) => [
      scored({ target: START + day * DAY }),
      scoredUpTo(START + (day + 1) * DAY),
    ]);
    const sent = await task.feed(fed(await monitor.feed(days)));
    expect(signalsIn(sent).map(({ state }) => state)).toEqual(['cleared']);
  });
});

describe('a summary task', () => {
  it('says the same however its input is cut, revived or tried in vain', async () => {
    const random = seededRandom('summary');
    const monitor = monitoringDriver({ partitions: 1 });
    const records: FedRecord[] = [];
    for (let day = 0; day < 12; day += 1) {
      const scores = [
        scored({ ...randomScore(random, { horizon: 2, spread: 50 }), target: START + day * DAY }),
      ];
      if (day === 6) {
        scores.push(
          scored({ target: START + 2 * DAY, actual: 3, revision: 1, supersededActual: null }),
        );
      }
      const end = scoredUpTo(START + (day + 1) * DAY);
      const tests = [0, 1, 2].map((series) =>
        statistic(`s${series}`, day + 1, series === 0 && day > 2 && day < 8 ? WORSE : {}),
      );
      records.push(...tests, ...fed(await monitor.feed([...scores, end])));
    }
    const thresholds = { wapePercent: 50 };
    const whole = summaryDriver({ thresholds });
    await whole.feed(records);
    const cut = summaryDriver({ thresholds });
    for (let at = 0; at < records.length;) {
      const batch = records.slice(at, at + 1 + random.int(9));
      at += batch.length;
      if (random.int(3) === 0) await cut.feedInVain(batch);
      await cut.feed(batch);
      if (random.int(3) === 0) cut.revive();
    }
    expect(cut.sentByPartition()).toEqual(whole.sentByPartition());
    expect(accuracyIn(whole.sent).length).toBeGreaterThan(24);
    expect(signalsIn(whole.sent).map(({ state }) => state)).toEqual(['confirmed', 'cleared']);
    expect(alertsIn(whole.sent).length).toBeGreaterThan(2);
  });
});
