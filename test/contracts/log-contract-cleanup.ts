import { describe, expect, it } from 'vitest';
import { FIRST_OFFSET, offset } from '../../src/log/offset.ts';
import {
  ALL,
  appendAll,
  logWith,
  outgoing,
  readAll,
  topic,
  valuesOf,
  type LogHarness,
} from './log-harness.ts';

/** What compaction may take away; for a harness that can compact. */
const compactionContract = (name: string, harness: LogHarness): void => {
  const { compact } = harness;

  describe(`${name} keeps the log contract: compaction`, () => {
    it('keeps the last record of each key at its offset and covers the gaps', async () => {
      const log = await logWith(harness, topic('c', 1, { cleanup: 'compact' }));
      const keyed = (key: string, value: string | null) => ({
        ...outgoing('c', 0, value),
        key: Buffer.from(key),
      });
      await appendAll(log, [keyed('a', '1'), keyed('b', '1'), keyed('a', '2')]);
      await appendAll(log, [keyed('a', '3'), keyed('c', null)]);
      const before = await readAll(log.reader('c', 0, FIRST_OFFSET));
      await compact?.(log);
      const after = await readAll(log.reader('c', 0, FIRST_OFFSET));
      const last = new Map(before.records.map((record) => [record.key?.toString(), record]));
      const expected = [...last.values()].sort((x, y) => x.offset - y.offset);
      expect(after.records).toEqual(expected);
      expect(after.records.map(({ value }) => value?.toString())).toEqual(['1', '3', undefined]);
      expect(after.next).toBe(before.next);
    });

    it('reads the same from the middle of a gap', async () => {
      const log = await logWith(harness, topic('c', 1, { cleanup: 'compact' }));
      const keyed = (key: string, value: string) => ({
        ...outgoing('c', 0, value),
        key: Buffer.from(key),
      });
      await appendAll(log, [keyed('a', '1'), keyed('a', '2'), keyed('a', '3')]);
      await appendAll(log, [keyed('a', '4'), keyed('b', '5')]);
      await compact?.(log);
      const { records } = await readAll(log.reader('c', 0, offset(1)));
      expect(records.map(({ value }) => value?.toString())).toEqual(['4', '5']);
    });
  });
};

/** What retention may take away; for a harness that can trim. */
const retentionContract = (name: string, harness: LogHarness): void => {
  const { trim } = harness;

  describe(`${name} keeps the log contract: retention`, () => {
    it('moves the start, refuses what was dropped and keeps the rest', async () => {
      const log = await logWith(harness, topic('a', 1, { cleanup: 'delete', retentionMs: 1_000 }));
      await appendAll(log, [outgoing('a', 0, 'old'), outgoing('a', 0, 'old')]);
      const cut = (await log.offsets('a', 0)).stableEnd;
      await appendAll(log, [outgoing('a', 0, 'new')]);
      const behind = log.reader('a', 0, FIRST_OFFSET);
      await trim?.(log, 'a', cut);
      expect((await log.offsets('a', 0)).start).toBe(cut);
      await expect(behind.poll(ALL)).rejects.toMatchObject({ code: 'LOG_OFFSET_OUT_OF_RANGE' });
      expect(await valuesOf(log, 'a')).toEqual(['new']);
    });
  });
};

export const cleanupContract = (name: string, harness: LogHarness): void => {
  if (harness.compact !== undefined) compactionContract(name, harness);
  if (harness.trim !== undefined) retentionContract(name, harness);
};
