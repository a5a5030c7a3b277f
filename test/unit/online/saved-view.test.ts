import { afterEach, describe, expect, it, vi } from 'vitest';
import type { OnlineSeries } from '../../../src/online/online-store.ts';
import type { Online, OnlineOptions } from '../../../src/online/online.ts';
import type { Score } from '../../../src/schemas/score.ts';
import { scoreType } from '../../../src/schemas/value-types.ts';
import { memoryStoreFolder } from '../../../src/state/memory/memory-store.ts';
import {
  accuracyOf,
  DEPARTURES,
  caughtUp,
  forecastOf,
  hour,
  promoted,
  trained,
  until,
  ViewedLog,
} from '../../support/online-view.ts';
import { scoreOf } from '../../support/scores.ts';

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

describe('a saved view', () => {
  const filled = async (): Promise<ViewedLog> => {
    const viewed = new ViewedLog();
    await viewed.ensureTopics();
    await viewed.models(trained('1'), promoted('1'));
    await viewed.accuracies(accuracyOf());
    await viewed.forecasts(forecastOf(), forecastOf({ seriesId: 'a/b ü' }));
    for (let at = 0; at < 50; at += 1) {
      await appendScores(viewed, scoreOf({ seriesId: 'ATL', target: hour(at), actual: at + 1 }));
    }
    return viewed;
  };

  /** All that a view says, as plain values. */
  const told = async (online: Online): Promise<unknown> => {
    const { store } = online;
    const page = await store.list('departures', { search: '', limit: 10, offset: 0 });
    const all = await Promise.all(page.series.map(({ id }) => seriesOf(online, id)));
    const series = all.map(({ history, ...rest }) => ({
      ...rest,
      times: [...history.times],
      actuals: [...history.actuals],
      means: [...history.means],
      bounds: [...history.bounds],
    }));
    const events = (await store.events(99)).map(({ place }) => `${place.topic} ${place.offset}`);
    return {
      series,
      events: events.toSorted(),
      models: await store.models(),
      accuracy: await store.accuracy('departures'),
    };
  };

  it('goes on where it was, and says the same as one that reads everything again', async () => {
    const viewed = await filled();
    const folder = memoryStoreFolder();
    const first = await viewOf(viewed, { folder });
    await first.close();
    await appendScores(viewed, scoreOf({ seriesId: 'ATL', target: hour(50), actual: 99 }));
    const opened = vi.spyOn(viewed.log, 'reader');
    const second = await viewOf(viewed, { folder });
    const unread = opened.mock.calls.flatMap(([topic, partition, from]) =>
      viewed.log
        .snapshot(topic)
        .filter((record) => record.partition === partition && record.offset >= from),
    );
    expect(unread.map(({ topic }) => topic)).toEqual(['departures.scores']);
    expect(await told(second)).toEqual(await told(await viewOf(viewed)));
    expect((await seriesOf(second)).error.count).toBe(51);
  });

  it('counts nothing twice when it was cut off while it saved', async () => {
    const viewed = await filled();
    const folder = memoryStoreFolder();
    // Series are written with the old checkpoint, and then the process is gone.
    const failing = {
      open: async (...args: Parameters<typeof folder.open>) => {
        const store = await folder.open(...args);
        return {
          ...store,
          write: async (...[entries, checkpoint]: Parameters<typeof store.write>) => {
            const all = [...entries];
            if (all.some(({ key }) => key === 'shared')) throw new Error('gone');
            await store.write(all, checkpoint);
          },
        };
      },
    };
    const first = await viewOf(viewed, { folder: failing });
    await first.close();
    const second = await viewOf(viewed, { folder });
    expect(await told(second)).toEqual(await told(await viewOf(viewed)));
  });

  it('is made anew when it is lost, unreadable or of a log that is no longer there', async () => {
    const viewed = await filled();
    const expected = await told(await viewOf(viewed));
    const folder = memoryStoreFolder();
    const store = await folder.open(['online']);
    await store.write([{ key: 'shared', value: Buffer.from('x') }], {
      checkpoint: Buffer.from('no checkpoint'),
    });
    expect(await told(await viewOf(viewed, { folder }))).toEqual(expected);

    const longer = await filled();
    await appendScores(longer, scoreOf({ seriesId: 'LAX' }));
    const kept = memoryStoreFolder();
    await (await viewOf(longer, { folder: kept })).close();
    const other = await viewOf(viewed, { folder: kept });
    expect(await told(other)).toEqual(expected);
  });

  it('forgets bounds of other levels, even where there are as many', async () => {
    const viewed = await filled();
    const folder = memoryStoreFolder();
    const first = await viewOf(viewed, { folder });
    expect((await seriesOf(first)).history.times).toHaveLength(50);
    await first.close();
    const streams = [{ ...DEPARTURES, levels: [50, 90] }];
    const second = await viewOf(viewed, { folder, streams });
    expect((await seriesOf(second)).history.times).toHaveLength(0);
    expect((await seriesOf(second)).error.count).toBe(50);
  });

  it('saves by itself', async () => {
    const viewed = await filled();
    const folder = memoryStoreFolder();
    await viewOf(viewed, { folder, saveEveryMs: 1 });
    const store = await folder.open(['online']);
    await until(async () => (await store.checkpoint()) !== undefined, 'a checkpoint');
  });
});
