import { afterEach, describe, expect, it } from 'vitest';
import type { Online } from '../../../src/online/online.ts';
import { scoreType } from '../../../src/schemas/value-types.ts';
import { caughtUp, hour, until, ViewedLog } from '../../support/online-view.ts';
import { scoreOf } from '../../support/scores.ts';

const open: Online[] = [];

afterEach(async () => {
  for (const online of open.splice(0)) await online.close();
});

/** Twenty thousand scores of so many series. */
const viewedOf = async (seriesCount: number): Promise<ViewedLog> => {
  const viewed = new ViewedLog();
  await viewed.ensureTopics();
  const scores = Array.from({ length: 20_000 }, (_, at) =>
    scoreOf({ seriesId: `s${at % seriesCount}`, target: hour(Math.floor(at / seriesCount)) }),
  );
  await viewed.append(scoreType, { topic: 'departures.scores' }, scores);
  return viewed;
};

describe('following', () => {
  it('lets others have the event loop while it reads a long topic', async () => {
    const online = await (await viewedOf(100)).open();
    open.push(online);
    let turns = 0;
    await until(async () => {
      turns += 1;
      return online.isCaughtUp();
    });
    const all = await online.store.summary('departures');
    expect(all.seriesCount).toBe(100);
    // 500 records are read at once: so many turns at least.
    expect(turns).toBeGreaterThan(30);
  });

  it('bounds the memory of histories, however many series there are', async () => {
    const viewed = await viewedOf(40);
    // Room for 100 rows of 40 bytes in each of 40 series.
    const online = await viewed.open({ historyBytesMax: 160_000 });
    open.push(online);
    await caughtUp(online, viewed.log);
    const times = (await online.store.series('departures', 's7', 1_000))?.history.times;
    expect(times?.length).toBeLessThanOrEqual(100);
    expect(times?.at(-1)).toBe(hour(499));
  });
});
