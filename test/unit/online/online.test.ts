import { afterEach, describe, expect, it } from 'vitest';
import { DAY_MS } from '../../../src/core/duration.ts';
import type { Online, OnlineOptions } from '../../../src/online/online.ts';
import type { OnlineSeries } from '../../../src/online/online-store.ts';
import { offset } from '../../../src/log/offset.ts';
import { memoryStoreFolder } from '../../../src/state/memory/memory-store.ts';
import {
  alertType,
  decisionType,
  driftSignalType,
  retrainingRequestType,
  scoreType,
} from '../../../src/schemas/value-types.ts';
import type { Score } from '../../../src/schemas/score.ts';
import { replayMarker } from '../../../src/streams/replay-marker.ts';
import {
  accuracyOf,
  caughtUp,
  forecastOf,
  hour,
  promoted,
  shadowOf,
  START,
  trained,
  ViewedLog,
} from '../../support/online-view.ts';
import { CHAMPION, scoreOf } from '../../support/scores.ts';

const open: Online[] = [];

afterEach(async () => {
  for (const online of open.splice(0)) await online.close();
});

const viewOf = async (viewed: ViewedLog, given: Partial<OnlineOptions> = {}): Promise<Online> => {
  const online = await viewed.open(given);
  open.push(online);
  await caughtUp(online, viewed.log);
  return online;
};

const appendScores = (viewed: ViewedLog, ...scores: readonly Score[]): Promise<void> =>
  viewed.append(scoreType, { topic: 'departures.scores' }, scores);

const seriesOf = async ({ store }: Online, id = 'ATL'): Promise<OnlineSeries> => {
  const series = await store.series('departures', id, 1_000);
  if (series === undefined) throw new Error(`no series ${id}`);
  return series;
};

const SOURCE = { topic: 'departures.observations', partition: 0, offset: 0 };

describe('the view', () => {
  it('begins again where a replay in place does, and counts no score twice', async () => {
    const viewed = new ViewedLog();
    await viewed.ensureTopics();
    const folder = memoryStoreFolder();
    const scores = [0, 1, 2].map((at) => scoreOf({ seriesId: 'ATL', target: hour(at), actual: 5 }));
    await viewed.forecasts(forecastOf({ origin: hour(2) }));
    await appendScores(viewed, ...scores);
    const online = await viewOf(viewed, { folder });
    const before = (await seriesOf(online)).error;
    const to = { topic: 'departures.scores', partition: 0 };
    const { key, value, headers } = replayMarker(to, 'r-1');
    viewed.log.append(to.topic, to.partition, [{ key, value, ...(headers && { headers }) }]);
    await caughtUp(online, viewed.log);
    expect((await seriesOf(online)).error.count).toBe(0);
    await viewed.forecasts(forecastOf({ origin: hour(0), forecastId: 'again' }));
    await appendScores(viewed, ...scores);
    await caughtUp(online, viewed.log);
    const { error, forecast, history } = await seriesOf(online);
    expect(error).toEqual(before);
    expect(forecast?.forecastId).toBe('again');
    expect(history.times).toHaveLength(3);
    await online.close();
    expect((await seriesOf(await viewOf(viewed, { folder }))).error).toEqual(before);
  });

  it('has the last forecast of whoever serves, and not that of a challenger', async () => {
    const viewed = new ViewedLog();
    await viewed.ensureTopics();
    await viewed.forecasts(
      forecastOf({ origin: hour(0) }),
      forecastOf({ origin: hour(1), forecastId: 'f-2' }),
      forecastOf({ origin: hour(2), forecastId: 'f-3', model: shadowOf(CHAMPION) }),
    );
    const online = await viewOf(viewed);
    expect((await seriesOf(online)).forecast?.forecastId).toBe('f-2');
    expect(await online.store.series('departures', 'JFK', 1)).toBeUndefined();
    expect(await online.store.series('arrivals', 'ATL', 1)).toBeUndefined();
  });

  it('has the actuals and one-step-ahead forecasts that scores tell of', async () => {
    const viewed = new ViewedLog();
    await viewed.ensureTopics();
    await appendScores(
      viewed,
      scoreOf({ seriesId: 'ATL', target: hour(0), actual: 10 }),
      scoreOf({ seriesId: 'ATL', target: hour(1), actual: 11, steps: [] }),
      scoreOf({ seriesId: 'ATL', target: hour(0), actual: 9, model: shadowOf(CHAMPION) }),
    );
    const { history, error } = await seriesOf(await viewOf(viewed));
    expect([...history.times]).toEqual([hour(0), hour(1)]);
    expect([...history.actuals]).toEqual([10, 11]);
    expect([...history.means]).toEqual([12, Number.NaN]);
    expect([...history.bounds].slice(0, 4)).toEqual([9, 15, 8, 16]);
    expect(error.count).toBe(1);
  });

  it('goes by the clock, and by what tasks decided, in saying how a series is', async () => {
    const viewed = new ViewedLog();
    await viewed.ensureTopics();
    await appendScores(viewed, scoreOf({ seriesId: 'ATL', target: hour(0) }));
    const online = await viewOf(viewed);
    const stateAt = async (nowMs: number): Promise<string> => {
      viewed.nowMs = nowMs;
      return (await seriesOf(online)).state;
    };
    expect(await stateAt(hour(2))).toBe('fresh');
    expect(await stateAt(hour(3))).toBe('late');
    expect(await stateAt(hour(7))).toBe('stale');
    expect(await stateAt(hour(0) + 31 * DAY_MS)).toBe('dead');
    await viewed.append(decisionType, { topic: 'departures.decisions' }, [
      {
        type: 'SeriesStale',
        stream: 'departures',
        task: 't',
        seriesId: 'ATL',
        state: 'dead',
        lastEventTime: hour(0),
        source: SOURCE,
      },
    ]);
    await caughtUp(online, viewed.log);
    expect(await stateAt(hour(2))).toBe('dead');
    expect(await online.store.summary('departures')).toEqual({
      ...{ seriesCount: 1, freshCount: 0, deadCount: 1 },
    });
    expect(online.store.freshness(10)).toMatchObject({
      states: { fresh: 0, dead: 1 },
      stalest: [],
      cadences: [
        { stream: 'departures', cadence: '1h', periodMs: 3_600_000, lastEventMs: hour(0) },
      ],
    });
  });

  it('lists series by id, and finds them by part of it', async () => {
    const viewed = new ViewedLog();
    await viewed.ensureTopics();
    const ids = ['b/ä', 'B2', 'a', 'c'];
    await viewed.forecasts(...ids.map((seriesId) => forecastOf({ seriesId })));
    const { store } = await viewOf(viewed);
    const idsOf = async (search: string, offset = 0, limit = 10): Promise<string[]> => {
      const { series } = await store.list('departures', { search, limit, offset });
      return series.map(({ id }) => id);
    };
    expect(await idsOf('')).toEqual(['B2', 'a', 'b/ä', 'c']);
    expect(await idsOf('b')).toEqual(['B2', 'b/ä']);
    expect(await idsOf('', 1, 2)).toEqual(['a', 'b/ä']);
    expect((await store.list('departures', { search: 'B', limit: 1, offset: 0 })).total).toBe(2);
  });

  it('folds models, keeps the latest accuracy, and lists what is notable', async () => {
    const viewed = new ViewedLog();
    await viewed.ensureTopics();
    await viewed.models(trained('1'), promoted('1'), trained('2'));
    await viewed.accuracies(
      accuracyOf(),
      accuracyOf({ scope: 'series:ATL', metrics: { wape: 9 } }),
      accuracyOf({ window: { kind: '7d', start: START, end: START + DAY_MS, count: 5 } }),
      accuracyOf({ metrics: { wape: 8 } }),
    );
    const requested = {
      id: 'r-2',
      model: 'departures',
      stream: 'departures',
      reason: 'manual' as const,
      evidence: '{}',
      trainingWindow: { start: 0, end: 1, offsets: [] },
    };
    await viewed.append(retrainingRequestType, { topic: 'retraining-requests', partition: 1 }, [
      requested,
    ]);
    await viewed.append(decisionType, { topic: 'departures.decisions' }, [
      {
        type: 'ScheduleTick',
        stream: 'departures',
        task: 't',
        schedule: 's',
        tickAt: 1,
        source: SOURCE,
      },
      {
        type: 'ModelAdopted',
        stream: 'departures',
        task: 't',
        role: 'champion',
        model: CHAMPION,
        effectiveFrom: START,
        source: SOURCE,
      },
    ]);
    const { store } = await viewOf(viewed);
    expect((await store.models()).map(({ role }) => role)).toEqual(['champion', 'challenger']);
    expect((await store.accuracy('departures')).map(({ window }) => window.count)).toEqual([5]);
    const kinds = (await store.events(10)).map(({ kind }) => kind);
    expect(kinds.toSorted()).toEqual(['decision', 'model', 'model', 'model', 'retraining-request']);
    expect(await store.events(2)).toHaveLength(2);
  });

  it('leaves out watermarks and bytes that it cannot read', async () => {
    const viewed = new ViewedLog();
    await viewed.ensureTopics();
    viewed.log.append('departures.forecasts', 0, [
      { key: Buffer.from('\u0000watermark:x:0'), value: null },
      { key: Buffer.from('a'), value: Buffer.from('no avro') },
      { key: Buffer.from('a'), value: Buffer.from([0, 0, 0, 3, 231, 1]) },
    ]);
    await viewed.forecasts(forecastOf());
    expect((await seriesOf(await viewOf(viewed))).forecast?.forecastId).toBe('f-1');
  });

  it('goes on with what is left when retention has overtaken it', async () => {
    const viewed = new ViewedLog();
    const folder = memoryStoreFolder();
    const first = await viewOf(viewed, { folder });
    await first.close();
    await viewed.forecasts(forecastOf(), forecastOf({ forecastId: 'f-2', origin: hour(1) }));
    viewed.log.trim('departures.forecasts', 0, offset(1));
    expect((await seriesOf(await viewOf(viewed, { folder }))).forecast?.forecastId).toBe('f-2');
  });

  it('holds alerts and drift of other streams away from its own', async () => {
    const viewed = new ViewedLog();
    await viewed.ensureTopics();
    const alert = {
      id: 'a',
      stream: 'other',
      kind: 'k',
      severity: 'info',
      state: 'firing',
      scope: 'model',
      message: 'm',
      evidence: '{}',
    } as const;
    await viewed.append(alertType, { topic: 'alerts' }, [alert]);
    const sample = { start: 0, end: 1, count: 1, mean: 0 };
    await viewed.append(driftSignalType, { topic: 'departures.drift' }, [
      {
        scope: 'model',
        stream: 'departures',
        model: 'm',
        detector: 'ks',
        statistic: 1,
        pValue: 0.01,
        correctedPValue: 0.02,
        effectSize: 0.3,
        reference: sample,
        recent: sample,
        severity: 'warning' as const,
        episodeId: 'e',
        state: 'confirmed' as const,
      },
    ]);
    const { store } = await viewOf(viewed);
    expect(
      (await store.events(9)).map(({ kind, stream }) => `${kind} ${stream}`).toSorted(),
    ).toEqual(['alert other', 'drift departures']);
  });
});
