import { readdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { seededRandom, type SeededRandom } from '../../../../src/core/random.ts';
import { systemDisk, type Disk } from '../../../../src/log/embedded/disk.ts';
import { openEmbeddedLog, type EmbeddedLog } from '../../../../src/log/embedded/embedded-log.ts';
import type { Log, LogRecord, OutgoingRecord } from '../../../../src/log/log.ts';
import { FIRST_OFFSET, offset } from '../../../../src/log/offset.ts';
import type { TopicDefinition } from '../../../../src/schemas/topic.ts';
import { appendAll, outgoing, readAll, topic } from '../../../contracts/log-harness.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';
import { crashed } from './damaged-folder.ts';

const DAY_MS = 86_400_000;
const time = { nowMs: 1_000 * DAY_MS };
const clock = { now: () => time.nowMs, monotonic: () => time.nowMs };

const open = async (
  folder: string,
  tailBytesMax = 0,
  disk: Disk = systemDisk,
): Promise<EmbeddedLog> => {
  const log = await openEmbeddedLog({
    folder,
    disk,
    clock,
    tailBytesMax,
    segmentBytesMax: 1_000,
    compactedSegmentBytesMax: 1_000,
  });
  onTestFinished(() => log.close());
  return log;
};

const all = async (log: Log, name: string): Promise<readonly LogRecord[]> => {
  const { start } = await log.offsets(name, 0);
  return (await readAll(log.reader(name, 0, start), { maxRecords: 7, maxBytes: 1_000 })).records;
};

const segmentsOf = (folder: string, name: string): readonly string[] =>
  readdirSync(join(folder, 'topics', name, '0'));

const keyed = (key: string | null, value: string | null): OutgoingRecord => ({
  ...outgoing('c', 0, value),
  key: key === null ? null : Buffer.from(key),
});

const sized = (bytes: number): OutgoingRecord => outgoing('a', 0, 'x'.repeat(bytes));

describe('retention', () => {
  it('drops sealed segments whose youngest record is too old, and never the last one', async () => {
    const folder = await temporaryFolder();
    const log = await open(folder);
    await log.ensureTopics([topic('a', 1, { cleanup: 'delete', retentionMs: DAY_MS })]);
    for (let count = 0; count < 6; count += 1) {
      await appendAll(log, [sized(600)]);
      time.nowMs += DAY_MS / 2;
    }
    await log.maintain();
    // Appended 3, 2.5, 2, 1.5, 1 and 0.5 days ago.
    expect((await log.offsets('a', 0)).start).toBe(4);
    expect(await all(log, 'a')).toHaveLength(2);
    expect(segmentsOf(folder, 'a')).toHaveLength(2);
    time.nowMs += 10 * DAY_MS;
    await log.maintain();
    expect(await all(log, 'a')).toHaveLength(1);
    await log.close();
    const again = await open(folder);
    expect(await again.offsets('a', 0)).toEqual({ start: 5, stableEnd: 6, end: 6 });
  });

  it('keeps the bytes that a partition may hold, and less than a segment more', async () => {
    const log = await open(await temporaryFolder());
    await log.ensureTopics([topic('a', 1, { cleanup: 'delete', retentionBytes: 2_000 })]);
    for (let count = 0; count < 10; count += 1) await appendAll(log, [sized(600)]);
    await log.maintain();
    const kept = await all(log, 'a');
    expect(kept.length * 632).toBeGreaterThanOrEqual(2_000);
    expect(kept.length).toBe(4);
  });

  it('leaves topics alone that keep everything', async () => {
    const log = await open(await temporaryFolder());
    await log.ensureTopics([topic('a', 1, { cleanup: 'keep' })]);
    for (let count = 0; count < 5; count += 1) await appendAll(log, [sized(900)]);
    time.nowMs += 10_000 * DAY_MS;
    await log.maintain();
    expect(await all(log, 'a')).toHaveLength(5);
  });
});

/** One random step: some keys written, then perhaps time, a pass of cleanup, or both. */
const randomStep = async (
  log: EmbeddedLog,
  random: SeededRandom,
  step: number,
): Promise<readonly OutgoingRecord[]> => {
  const records = Array.from({ length: 1 + random.int(8) }, () =>
    keyed(
      `key-${random.int(12)}`,
      random.next() < 0.1 ? null : `${step}`.padEnd(random.int(120), '.'),
    ),
  );
  await appendAll(log, records);
  time.nowMs += random.int(3) * 1_000;
  if (random.next() < 0.1) await log.maintain();
  if (random.next() < 0.05) await log.compact();
  return records;
};

/** Random steps with a crash now and then; the log as it is at the end, and what it should hold. */
const randomHistory = async (
  root: string,
  run: number,
): Promise<{ readonly log: EmbeddedLog; readonly written: ReadonlyMap<string, string | null> }> => {
  const random = seededRandom(`compaction-${run}`);
  const written = new Map<string, string | null>();
  let folder = join(root, 'first');
  let log = await open(folder, run % 2 === 0 ? 0 : 2_000);
  await log.ensureTopics([topic('c', 1, { cleanup: 'compact' })]);
  for (let step = 0; step < 120; step += 1) {
    for (const { key, value } of await randomStep(log, random, step)) {
      written.set(key?.toString() ?? '', value?.toString() ?? null);
    }
    if (random.next() > 0.03) continue;
    const copy = join(root, `${step}`);
    crashed(folder, copy);
    await log.close();
    folder = copy;
    log = await open(folder);
  }
  return { log, written };
};

describe('compaction', () => {
  it('keeps the last record of each key over random histories, crashes and passes', async () => {
    let compared = 0;
    let dropped = 0;
    for (let run = 0; run < 15; run += 1) {
      const { log, written } = await randomHistory(await temporaryFolder(), run);
      const before = await log.offsets('c', 0);
      await log.compact();
      const records = await all(log, 'c');
      const last = new Map(records.map(({ key, value }) => [key?.toString(), value?.toString()]));
      for (const [key, value] of written) expect(last.get(key)).toBe(value ?? undefined);
      expect(await log.offsets('c', 0)).toEqual(before);
      expect((await readAll(log.reader('c', 0, FIRST_OFFSET))).next).toBe(before.end);
      compared += written.size;
      dropped += before.end - records.length;
      await log.close();
    }
    expect(compared).toBeGreaterThan(100);
    expect(dropped).toBeGreaterThan(5_000);
  });

  it('leaves one record a key and joins what is left into few segments', async () => {
    const folder = await temporaryFolder();
    const log = await open(folder);
    await log.ensureTopics([topic('c', 1, { cleanup: 'compact' })]);
    for (let round = 0; round < 50; round += 1) {
      await appendAll(log, [keyed('a', `${round}`.padEnd(300, '.')), keyed('b', `${round}`)]);
      time.nowMs += 1_000;
    }
    await log.compact();
    const records = await all(log, 'c');
    expect(records.map(({ key }) => key?.toString())).toEqual(['a', 'b']);
    expect(records.map((record) => record.offset)).toEqual([98, 99]);
    expect(records.map(({ appendedAtMs }) => appendedAtMs)).toEqual(
      Array(2).fill(time.nowMs - 1_000),
    );
    await log.compact();
    expect(segmentsOf(folder, 'c').length).toBeLessThanOrEqual(2);
  });

  it('keeps tombstones for seven days, and then nothing of the key', async () => {
    const log = await open(await temporaryFolder());
    await log.ensureTopics([topic('c', 1, { cleanup: 'compact' })]);
    await appendAll(log, [keyed('gone', 'x'), keyed('here', 'x')]);
    await appendAll(log, [keyed('gone', null)]);
    await log.compact();
    const keys = async (): Promise<readonly (string | undefined)[]> =>
      (await all(log, 'c')).map(({ key }) => key?.toString());
    expect(await keys()).toEqual(['here', 'gone']);
    time.nowMs += 7 * DAY_MS + 1;
    await appendAll(log, [keyed('later', 'x')]);
    await log.compact();
    expect(await keys()).toEqual(['here', 'later']);
  });

  it('keeps records without a key', async () => {
    const log = await open(await temporaryFolder());
    await log.ensureTopics([topic('c', 1, { cleanup: 'compact' })]);
    await appendAll(log, [keyed(null, '1'), keyed(null, '2')]);
    await log.compact();
    expect(await all(log, 'c')).toHaveLength(2);
  });

  it('does not disturb a reader that is in the middle of what it replaces', async () => {
    const log = await open(await temporaryFolder());
    await log.ensureTopics([topic('c', 1, { cleanup: 'compact' })]);
    for (let round = 0; round < 20; round += 1) {
      await appendAll(log, [keyed('a', `${round}`.padEnd(300, '.')), keyed(`b${round}`, 'x')]);
    }
    const reader = log.reader('c', 0, FIRST_OFFSET);
    const { records, next } = await reader.poll({ maxRecords: 5, maxBytes: 1 << 20 });
    await log.compact();
    const rest = (await readAll(reader, { maxRecords: 3, maxBytes: 1 << 20 })).records;
    const keys = new Set([...records, ...rest].map(({ key }) => key?.toString()));
    expect(keys.size).toBe(21);
    expect(rest.every((record) => record.offset >= next)).toBe(true);
    const late = await readAll(log.reader('c', 0, offset(38)));
    expect(late.records.map(({ key }) => key?.toString())).toEqual(['a', 'b19']);
  });
});

describe('cleanup beside transactions', () => {
  const KEPT = topic('kept', 1, { cleanup: 'keep' });
  const CLEANED: readonly (readonly [name: string, definition: TopicDefinition])[] = [
    ['retention', topic('a', 3, { cleanup: 'delete', retentionBytes: 1 })],
    ['compaction', topic('a', 3, { cleanup: 'compact' })],
  ];

  it.each(CLEANED)('takes nothing by %s that a restart must read again', async (_name, cleaned) => {
    const folder = await temporaryFolder();
    const copies: { readonly copy: string; readonly committed: number }[] = [];
    const state = { begun: 0, committed: 0, syncs: 0, isCleaning: false };
    const commit = async (): Promise<void> => {
      // Fills a segment of every partition.
      const value = 'x'.repeat(600);
      const records = [0, 1, 2].map((partition) => outgoing('a', partition, value));
      state.begun += 1;
      await appendAll(log, [outgoing('kept', 0, value), ...records], `${state.begun}`);
      state.committed += 1;
    };
    const log: EmbeddedLog = await open(folder, 0, {
      ...systemDisk,
      // While cleanup waits for the device, others go on.
      sync: async (fd) => {
        state.syncs += 1;
        if (state.isCleaning && state.syncs % 7 === 0) await commit();
        await systemDisk.sync(fd);
      },
      remove: (path) => {
        systemDisk.remove(path);
        if (!state.isCleaning || !path.endsWith('.segment')) return;
        const copy = join(folder, '..', `${basename(folder)}-${copies.length}`);
        crashed(folder, copy);
        onTestFinished(() => rm(copy, { recursive: true }));
        copies.push({ copy, committed: state.committed });
      },
    });
    await log.ensureTopics([KEPT, cleaned]);
    for (let round = 0; round < 3; round += 1) {
      for (let count = 0; count < 5; count += 1) await commit();
      state.isCleaning = true;
      await log.maintain();
      state.isCleaning = false;
    }
    expect(copies.length).toBeGreaterThan(20);
    for (const { copy, committed } of copies) {
      const again = await open(copy);
      expect(await all(again, 'kept')).toHaveLength(committed);
      await again.close();
    }
  });
});
