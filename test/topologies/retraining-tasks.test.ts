import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../src/core/random.ts';
import type { OutgoingRecord } from '../../src/log/log.ts';
import {
  accuracy,
  at,
  modelRecord,
  rejected,
  requestsIn,
  retrainingDriver,
  served,
} from '../support/retraining-topologies.ts';
import type { FedRecord } from '../support/topology-driver.ts';

describe('retraining, whatever happens to its task', () => {
  /** Months in which the champion fails now and then. */
  const story = (): FedRecord[] => {
    const random = seededRandom('retraining');
    return Array.from({ length: 90 }, (_, day) =>
      accuracy({ day, sha256: 'aa', wape: random.int(6) === 0 ? 0.3 : 0.1 }),
    );
  };

  const idsOf = (records: readonly OutgoingRecord[]) => requestsIn(records).map(({ id }) => id);

  const calm = async (): Promise<string[]> => {
    const task = await answering();
    for (const [day, record] of story().entries()) await task.day(day, [record]);
    return idsOf(task.driver.sent);
  };

  /** Answers every request by a rejection on the same day, as a fast trainer does. */
  const answering = async () => {
    const driver = await served();
    let answered = 1;
    return {
      driver,
      day: async (day: number, records: readonly FedRecord[]) => {
        await driver.feed(records, at(day));
        for (const { id } of requestsIn(driver.sent).slice(answered)) {
          answered += 1;
          await driver.feed([modelRecord(rejected('', id))], at(day));
        }
      },
    };
  };

  it('asks the same when it is revived every day', async () => {
    const task = await answering();
    for (const [day, record] of story().entries()) {
      await task.day(day, [record]);
      task.driver.revive();
    }
    expect(idsOf(task.driver.sent)).toEqual(await calm());
    expect(idsOf(task.driver.sent).length).toBeGreaterThan(10);
  });

  it('asks the same when every commit fails once', async () => {
    const task = await answering();
    for (const [day, record] of story().entries()) {
      await task.driver.feedInVain([record], at(day));
      await task.day(day, [record]);
    }
    expect(idsOf(task.driver.sent)).toEqual(await calm());
  });

  it('asks the same however a catch-up is cut into batches', async () => {
    const options = { policy: { everyDays: 2, coolDownDays: 0 } };
    const slow = retrainingDriver(options);
    const records: FedRecord[] = [];
    for (let day = 0; day < 60; day += 1) {
      const [request] = requestsIn(await slow.feed([accuracy({ day })], at(0)));
      records.push(accuracy({ day }));
      if (request === undefined) continue;
      const answer = modelRecord(rejected('', request.id));
      await slow.feed([answer], at(0));
      records.push(answer);
    }
    for (const size of [1, 7, 1_000]) {
      const task = retrainingDriver(options);
      for (let from = 0; from < records.length; from += size) {
        await task.feed(records.slice(from, from + size), at(0));
      }
      expect(idsOf(task.sent)).toEqual(idsOf(slow.sent));
    }
    expect(idsOf(slow.sent)).toHaveLength(30);
  });
});
