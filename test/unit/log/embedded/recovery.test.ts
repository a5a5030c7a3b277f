import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { systemClock } from '../../../../src/core/clock.ts';
import { seededRandom, type SeededRandom } from '../../../../src/core/random.ts';
import { openEmbeddedLog, type EmbeddedLog } from '../../../../src/log/embedded/embedded-log.ts';
import { LogIndex } from '../../../../src/log/embedded/log-index.ts';
import type { Log, Transaction } from '../../../../src/log/log.ts';
import type { TopicDefinition } from '../../../../src/schemas/topic.ts';
import { appendAll, outgoing, topic, valuesOf } from '../../../contracts/log-harness.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';
import { crashed, damage, sizesOf, type Sizes } from './damaged-folder.ts';
import { census, recordsOf, TOPICS, torn } from './numbered-transactions.ts';

const open = async (folder: string): Promise<EmbeddedLog> => {
  const log = await openEmbeddedLog({
    folder,
    clock: systemClock,
    segmentBytesMax: 4_000,
    tailBytesMax: 8_000,
  });
  onTestFinished(() => log.close());
  return log;
};

const RUNS = 80;
const STEPS = 40;

interface History {
  /** Numbers of the transactions committed, in order. */
  readonly order: number[];
  syncedCount: number;
  syncedSizes: Sizes;
}

/** Random transactions of three producers, side by side, with aborts, fences and syncs. */
const write = async (log: Log, folder: string, random: SeededRandom): Promise<History> => {
  const history: History = { order: [], syncedCount: 0, syncedSizes: new Map() };
  const open = new Map<string, { readonly transaction: Transaction; readonly number: number }>();
  let number = 0;
  for (let step = 0; step < STEPS; step += 1) {
    const id = `producer-${random.int(3)}`;
    const current = open.get(id);
    if (random.next() < 0.06) {
      await log.sync();
      history.syncedCount = history.order.length;
      history.syncedSizes = sizesOf(folder);
    } else if (current === undefined) {
      const transaction = await (await log.producer(id)).begin();
      number += 1;
      await transaction.send(recordsOf(number, random));
      open.set(id, { transaction, number });
    } else {
      open.delete(id);
      if (random.next() < 0.25) await current.transaction.abort();
      else {
        await current.transaction.commit();
        history.order.push(current.number);
      }
    }
  }
  return history;
};

/** Leaves in `b` what `a` was when a crash came upon a transaction that was written early. */
const crashedAmid = async (folder: string, definition: TopicDefinition): Promise<void> => {
  const log = await open(join(folder, 'a'));
  await log.ensureTopics([definition]);
  const early = await (await log.producer('early')).begin();
  await early.send([outgoing(definition.name, 0, 'never')]);
  await appendAll(log, [outgoing(definition.name, 0, 'kept')]);
  await log.sync();
  crashed(join(folder, 'a'), join(folder, 'b'));
};

describe('recovery of the embedded log', () => {
  it('finds records, topics and group offsets after a kill, and after it was closed', async () => {
    const folder = await temporaryFolder();
    const random = seededRandom('kill');
    const log = await open(join(folder, 'a'));
    await log.ensureTopics(TOPICS);
    const { order } = await write(log, join(folder, 'a'), random);
    crashed(join(folder, 'a'), join(folder, 'b'));
    await log.close();
    for (const name of ['a', 'b']) {
      const again = await open(join(folder, name));
      const counts = await census(again);
      expect(torn(counts)).toEqual([]);
      expect([...counts.keys()].sort((x, y) => x - y)).toEqual(order.sort((x, y) => x - y));
      expect((await again.topics()).map(({ definition }) => definition)).toEqual(TOPICS);
    }
    expect(order.length).toBeGreaterThan(5);
  });

  it(`keeps a whole prefix of transactions, ${RUNS} kinds of damage after a sync`, async () => {
    let damaged = 0;
    let lost = 0;
    for (let run = 0; run < RUNS; run += 1) {
      const root = await temporaryFolder();
      const random = seededRandom(`damage-${run}`);
      const [folder, copy] = [join(root, 'log'), join(root, 'copy')];
      const log = await open(folder);
      await log.ensureTopics(TOPICS);
      await log.sync();
      const history = await write(log, folder, random);
      crashed(folder, copy);
      await log.close();
      const what = damage(copy, history.syncedSizes, random);
      if (what === undefined) continue;
      damaged += 1;
      const again = await open(copy);
      const counts = await census(again);
      const kept = history.order.slice(0, counts.size);
      const seen = { run, what, torn: torn(counts), numbers: new Set(counts.keys()) };
      expect(seen).toEqual({ run, what, torn: [], numbers: new Set(kept) });
      expect(counts.size, what).toBeGreaterThanOrEqual(history.syncedCount);
      lost += history.order.length - counts.size;

      await appendAll(again, recordsOf(1_000, random));
      await again.close();
      const third = await open(copy);
      expect(new Set((await census(third)).keys()), what).toEqual(new Set([...kept, 1_000]));
      await third.close();
    }
    expect(damaged).toBeGreaterThan(RUNS / 2);
    expect(lost).toBeGreaterThan(RUNS / 4);
  });

  it('aborts what was written early for a neighbour and never decided', async () => {
    const folder = await temporaryFolder();
    await crashedAmid(folder, topic('a', 1));
    const again = await open(join(folder, 'b'));
    expect(await valuesOf(again, 'a')).toEqual(['kept']);
    const { stableEnd, end } = await again.offsets('a', 0);
    expect(stableEnd).toBe(end);
    await again.close();
    expect(await valuesOf(await open(join(folder, 'b')), 'a')).toEqual(['kept']);
  });

  it('strikes out no frame that compaction has put in the place of an aborted one', async () => {
    const folder = await temporaryFolder();
    await crashedAmid(folder, topic('a', 1, { cleanup: 'compact' }));
    const again = await open(join(folder, 'b'));
    await again.compact();
    await again.close();
    const third = await open(join(folder, 'b'));
    expect(await valuesOf(third, 'a')).toEqual(['kept']);
    await third.close();
    // As after an abort that found no room to be named, and was compacted away before a sync mark.
    const stale = { topicId: 1, partition: 0, segment: 0, position: 0, transaction: 1 };
    const index = await LogIndex.open(join(folder, 'b'));
    await index.write({
      ends: [{ topicId: 1, partition: 0, record: { end: 2, undecided: [stale] } }],
    });
    await index.close();
    expect(await valuesOf(await open(join(folder, 'b')), 'a')).toEqual(['kept']);
  });

  it('never gives away again the offsets that an abort used up', async () => {
    const folder = await temporaryFolder();
    const log = await open(join(folder, 'a'));
    await log.ensureTopics([topic('a', 1)]);
    const aborted = await (await log.producer('t')).begin();
    await aborted.send([outgoing('a', 0, 'no'), outgoing('a', 0, 'no')]);
    await aborted.abort();
    const { stableEnd } = await log.offsets('a', 0);
    crashed(join(folder, 'a'), join(folder, 'b'));
    const again = await open(join(folder, 'b'));
    expect((await again.offsets('a', 0)).stableEnd).toBe(stableEnd);
  });

  it('refuses a folder whose synced bytes are gone', async () => {
    const root = await temporaryFolder();
    const folder = join(root, 'log');
    const log = await open(folder);
    await log.ensureTopics([topic('a', 1)]);
    await appendAll(log, [outgoing('a', 0, 'x')]);
    await log.close();
    const random = seededRandom('gone');
    let what: string | undefined;
    while (what?.includes('topics') !== true || !what.includes('cut')) {
      crashed(folder, join(root, 'copy'));
      what = damage(join(root, 'copy'), new Map(), random);
    }
    await expect(open(join(root, 'copy'))).rejects.toMatchObject({ code: 'LOG_CORRUPT' });
  });
});
