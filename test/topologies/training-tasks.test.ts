import { describe, expect, it } from 'vitest';
import type { OutgoingRecord } from '../../src/log/log.ts';
import type { ModelEvent } from '../../src/schemas/model-event.ts';
import { modelRecord } from '../support/retraining-topologies.ts';
import type { FedRecord } from '../support/topology-driver.ts';
import {
  asked,
  benchOf,
  eventsIn,
  R1,
  R2,
  R3,
  served,
  typesOf,
  wish,
} from '../support/training-bench.ts';

describe('training, whatever happens to its task', () => {
  /** Three requests, the second with noise for targets; what the task wrote comes back to it. */
  const story = [asked(R1), asked(R2), wish('p', 'rollback', 'f'.repeat(64)), asked(R3)];

  const echo = (records: readonly OutgoingRecord[]): FedRecord[] =>
    eventsIn(records).map(modelRecord);

  const calm = async (): Promise<ModelEvent[]> => {
    const { driver } = benchOf();
    for (const record of story) await driver.feed(echo(await driver.feed([record])));
    return eventsIn(driver.sent);
  };

  it('answers the same when revived after every batch, and trains nothing twice', async () => {
    const { driver, read } = benchOf();
    for (const record of story) {
      const sent = await driver.feed([record]);
      driver.revive();
      await driver.feed(echo(sent));
      driver.revive();
    }
    // After all of it, the same requests again: a rewind.
    await driver.feed(story);
    expect(read).toEqual([R1, R2, R3]);
    expect(eventsIn(driver.sent)).toEqual(await calm());
  });

  it('answers the same when a commit fails after the training', async () => {
    const { driver } = benchOf();
    for (const record of story) {
      await driver.feedInVain([record]);
      await driver.feed([record]);
    }
    expect(eventsIn(driver.sent)).toEqual(await calm());
  });

  it('answers the same when all requests come in one batch', async () => {
    const { driver } = benchOf();
    await driver.feed(story);
    expect(eventsIn(driver.sent)).toEqual(await calm());
    expect(typesOf(driver.sent)).toEqual([
      ...['ModelTrained', 'ModelPromoted'],
      ...['ModelTrained', 'ModelRejected'],
      'ModelRejected',
      ...['ModelTrained', 'ModelRejected'],
    ]);
  });

  it('takes its own events back without being led astray by what they said then', async () => {
    const { driver, trainer, champion } = await served();
    trainer.shuffleTargets = 'noise';
    const [made] = eventsIn(await driver.feed([asked(R2)]));
    const other = made?.sha256 ?? '';
    const up = await driver.feed([wish('p', 'promotion', other)]);
    await driver.feed([wish('q', 'rollback', champion)]);
    // Only now does the promotion come back: it names the champion of today as its predecessor.
    await driver.feed(echo(up));
    const [again] = eventsIn(await driver.feed([wish('r', 'promotion', other)]));
    expect(again).toMatchObject({ type: 'ModelPromoted', previous: champion });
  });
});
