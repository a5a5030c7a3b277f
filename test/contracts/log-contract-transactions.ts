import { describe, expect, it } from 'vitest';
import type { OutgoingRecord } from '../../src/log/log.ts';
import { FIRST_OFFSET } from '../../src/log/offset.ts';
import { RecordPacker } from '../../src/log/record-packer.ts';
import { RECORD_BYTES_MAX } from '../../src/log/record-size.ts';
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

/** Topics, atomicity, acknowledgements and fencing. */
export const transactionContract = (name: string, harness: LogHarness): void => {
  describe(`${name} keeps the log contract: topics`, () => {
    it('lists what it was asked to create, with the offsets of each partition', async () => {
      const log = await logWith(harness, topic('a', 3, { cleanup: 'delete', retentionMs: 5_000 }));
      const [only] = await log.topics();
      expect(only?.definition).toEqual(topic('a', 3, { cleanup: 'delete', retentionMs: 5_000 }));
      expect(only?.offsets).toEqual(Array(3).fill({ start: 0, stableEnd: 0, end: 0 }));
    });

    it('takes the same topic twice and refuses other partitions or cleanup', async () => {
      const log = await logWith(harness, topic('a'), topic('a'));
      await expect(log.ensureTopics([topic('a', 3)])).rejects.toMatchObject({
        code: 'LOG_TOPIC_MISMATCH',
      });
      await expect(log.ensureTopics([topic('a', 2, { cleanup: 'compact' })])).rejects.toMatchObject(
        { code: 'LOG_TOPIC_MISMATCH' },
      );
    });

    it('refuses a topic or partition that does not exist', async () => {
      const log = await logWith(harness, topic('a'));
      const unknown = { code: 'LOG_UNKNOWN_TOPIC' };
      await expect(log.offsets('b', 0)).rejects.toMatchObject(unknown);
      await expect(log.offsets('a', 2)).rejects.toMatchObject(unknown);
      await expect(appendAll(log, [outgoing('b', 0, 'x')])).rejects.toMatchObject(unknown);
      expect(() => log.reader('b', 0, FIRST_OFFSET)).toThrow(expect.objectContaining(unknown));
    });
  });

  describe(`${name} keeps the log contract: transactions`, () => {
    it('shows the records of several topics together, and only after the commit', async () => {
      const log = await logWith(harness, topic('a'), topic('b'));
      const transaction = await (await log.producer('t')).begin();
      await transaction.send([outgoing('a', 0, 'a0'), outgoing('b', 1, 'b1')]);
      await transaction.send([outgoing('a', 1, 'a1'), outgoing('a', 0, 'a0again')]);
      expect(await valuesOf(log, 'a')).toEqual([]);
      expect(await valuesOf(log, 'b', 1)).toEqual([]);
      await transaction.commit();
      expect(await valuesOf(log, 'a')).toEqual(['a0', 'a0again']);
      expect(await valuesOf(log, 'a', 1)).toEqual(['a1']);
      expect(await valuesOf(log, 'b', 1)).toEqual(['b1']);
    });

    it('gives back key, value, headers and append time as they were written', async () => {
      const log = await logWith(harness, topic('a'));
      const written: OutgoingRecord[] = [
        { ...outgoing('a', 0, 'x'), headers: { watermark: '12', source: 'ü:0:1' } },
        { ...outgoing('a', 0, null), key: Buffer.alloc(0) },
        { ...outgoing('a', 0, ''), key: null },
        { ...outgoing('a', 0, 'y'.repeat(100_000)), key: Buffer.from([0, 255, 128]) },
      ];
      await appendAll(log, written);
      const { records } = await readAll(log.reader('a', 0, FIRST_OFFSET));
      expect(records).toHaveLength(4);
      for (const [index, record] of records.entries()) {
        const { key, value, headers = {} } = written[index] ?? outgoing('', 0, null);
        expect(record.key).toEqual(key);
        expect(record.value).toEqual(value);
        expect(record.headers).toEqual(headers);
        expect(record.appendedAtMs).toBeGreaterThan(0);
        expect([record.topic, record.partition]).toEqual(['a', 0]);
      }
    });

    it('keeps what was sent, whatever the sender does to its buffers afterwards', async () => {
      const log = await logWith(harness, topic('a'));
      const value = Buffer.from('before');
      const transaction = await (await log.producer('t')).begin();
      await transaction.send([{ ...outgoing('a', 0, ''), value }]);
      value.fill('x');
      await transaction.commit();
      expect(await valuesOf(log, 'a')).toEqual(['before']);
    });

    it("takes packed records, whose memory is the sender's again once all is decided", async () => {
      const log = await logWith(harness, topic('a'), topic('b'));
      const producer = await log.producer('t');
      const follower = log.reader('a', 0, FIRST_OFFSET);
      expect((await follower.poll(ALL)).records).toEqual([]);
      const packer = new RecordPacker();
      for (const value of ['one', 'two', 'three']) {
        packer.clear();
        for (let count = 0; count < 3; count += 1) packer.add(outgoing('a', 0, value));
        packer.add({ ...outgoing('b', 1, null), headers: { said: value } });
        const transaction = await producer.begin();
        const acknowledged = await transaction.sendPacked(packer);
        expect(acknowledged).toMatchObject([
          { topic: 'a', partition: 0, count: 3 },
          { topic: 'b', partition: 1, count: 1 },
        ]);
        if (value === 'two') await transaction.abort();
        else await transaction.commit();
      }
      packer.clear();
      for (let count = 0; count < 9; count += 1) packer.add(outgoing('a', 0, 'never'));
      const expected = ['one', 'one', 'one', 'three', 'three', 'three'];
      const { records } = await readAll(follower);
      expect(records.map(({ value }) => String(value))).toEqual(expected);
      expect(await valuesOf(log, 'a')).toEqual(expected);
      const { records: others } = await readAll(log.reader('b', 1, FIRST_OFFSET));
      expect(others.map(({ value, headers }) => [value, headers['said']])).toEqual([
        [null, 'one'],
        [null, 'three'],
      ]);
    });

    it('acknowledges each partition once with consecutive offsets', async () => {
      const log = await logWith(harness, topic('a'));
      const transaction = await (await log.producer('t')).begin();
      const acknowledged = await transaction.send([
        outgoing('a', 1, '0'),
        outgoing('a', 0, '1'),
        outgoing('a', 1, '2'),
        outgoing('a', 1, '3'),
      ]);
      await transaction.commit();
      const bySpan = acknowledged.map(({ partition, count }) => [partition, count]);
      expect(bySpan.sort()).toEqual([
        [0, 1],
        [1, 3],
      ]);
      const base = acknowledged.find(({ partition }) => partition === 1)?.baseOffset ?? 0;
      const { records } = await readAll(log.reader('a', 1, FIRST_OFFSET));
      expect(records.map((record) => record.offset)).toEqual([base, base + 1, base + 2]);
    });

    it('drops what was aborted and leaves at most a gap', async () => {
      const log = await logWith(harness, topic('a'));
      const producer = await log.producer('t');
      const aborted = await producer.begin();
      await aborted.send([outgoing('a', 0, 'no'), outgoing('a', 0, 'no')]);
      await aborted.abort();
      const kept = await producer.begin();
      const [acknowledged] = await kept.send([outgoing('a', 0, 'yes')]);
      await kept.commit();
      const reader = log.reader('a', 0, FIRST_OFFSET);
      const { records, next } = await readAll(reader);
      expect(records.map((record) => record.offset)).toEqual([acknowledged?.baseOffset]);
      const { stableEnd, end } = await log.offsets('a', 0);
      expect([next, stableEnd]).toEqual([stableEnd, end]);
      expect(next).toBeGreaterThan(acknowledged?.baseOffset ?? 0);
    });

    it('refuses a record beyond the limit without harm to its neighbours', async () => {
      const log = await logWith(harness, topic('a'));
      const transaction = await (await log.producer('t')).begin();
      await transaction.send([outgoing('a', 0, 'kept')]);
      const large = { ...outgoing('a', 0, ''), value: Buffer.alloc(RECORD_BYTES_MAX + 1) };
      await expect(transaction.send([large])).rejects.toMatchObject({
        code: 'LOG_RECORD_TOO_LARGE',
        retriable: false,
      });
      await transaction.commit();
      expect(await valuesOf(log, 'a')).toEqual(['kept']);
    });
  });

  describe(`${name} keeps the log contract: fencing`, () => {
    it('aborts the open transaction of a predecessor and fails its send and commit', async () => {
      const log = await logWith(harness, topic('a'));
      const first = await log.producer('t');
      const open = await first.begin();
      await open.send([outgoing('a', 0, 'old')]);
      const second = await log.producer('t');
      const fenced = { code: 'LOG_FENCED', retriable: true };
      await expect(open.send([outgoing('a', 0, 'old')])).rejects.toMatchObject(fenced);
      await expect(open.commit()).rejects.toMatchObject(fenced);
      await expect(first.begin()).rejects.toMatchObject(fenced);
      const transaction = await second.begin();
      await transaction.send([outgoing('a', 0, 'new')]);
      await transaction.commit();
      expect(await valuesOf(log, 'a')).toEqual(['new']);
    });

    it('leaves producers with another id alone', async () => {
      const log = await logWith(harness, topic('a'));
      const open = await (await log.producer('t.0')).begin();
      await open.send([outgoing('a', 0, 'x')]);
      await log.producer('t.1');
      await open.commit();
      expect(await valuesOf(log, 'a')).toEqual(['x']);
    });

    it('settles what a closed producer left open', async () => {
      const log = await logWith(harness, topic('a'));
      const producer = await log.producer('t');
      await (await producer.begin()).send([outgoing('a', 0, 'x')]);
      await producer.close();
      await log.producer('t');
      const { stableEnd, end } = await log.offsets('a', 0);
      expect(stableEnd).toBe(end);
      expect(await valuesOf(log, 'a')).toEqual([]);
    });
  });
};
