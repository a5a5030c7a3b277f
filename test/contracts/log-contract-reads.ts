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

/** Committed reads: stable end, limits, positions, waiting, closing. */
export const readContract = (name: string, harness: LogHarness): void => {
  describe(`${name} keeps the log contract: committed reads`, () => {
    it('holds the stable end back until every transaction before it is decided', async () => {
      const log = await logWith(harness, topic('a'));
      const early = await (await log.producer('early')).begin();
      const late = await (await log.producer('late')).begin();
      await early.send([outgoing('a', 0, 'early')]);
      await late.send([outgoing('a', 0, 'late')]);
      await late.commit();
      const held = await log.offsets('a', 0);
      expect(held.stableEnd).toBe(0);
      expect(held.end).toBeGreaterThanOrEqual(2);
      expect(await valuesOf(log, 'a')).toEqual([]);
      await early.commit();
      expect(await valuesOf(log, 'a')).toEqual(['early', 'late']);
    });

    it('skips the records of an aborted transaction between committed ones', async () => {
      const log = await logWith(harness, topic('a'));
      const early = await (await log.producer('early')).begin();
      const late = await (await log.producer('late')).begin();
      await late.send([outgoing('a', 0, '1')]);
      await early.send([outgoing('a', 0, 'no'), outgoing('a', 0, 'no')]);
      await late.send([outgoing('a', 0, '2')]);
      await late.commit();
      await early.abort();
      expect(await valuesOf(log, 'a')).toEqual(['1', '2']);
    });

    it('keeps to its limits but for one record, and loses nothing between polls', async () => {
      const log = await logWith(harness, topic('a'));
      const count = 100;
      const values = Array.from({ length: count }, (_, index) => `${index}`.padStart(50, '.'));
      const half = values.length / 2;
      for (const part of [values.slice(0, half), values.slice(half)]) {
        await appendAll(
          log,
          part.map((value) => outgoing('a', 0, value)),
        );
      }
      for (const limits of [
        { maxRecords: 7, maxBytes: 1 << 20 },
        { maxRecords: 1_000, maxBytes: 200 },
        { maxRecords: 1_000, maxBytes: 1 },
      ]) {
        const reader = log.reader('a', 0, FIRST_OFFSET);
        const first = await reader.poll(limits);
        expect(first.records.length).toBeGreaterThan(0);
        expect(first.records.length).toBeLessThanOrEqual(Math.min(7, limits.maxRecords));
        const { records } = await readAll(reader, limits);
        const read = [...first.records, ...records].map(({ value }) => value?.toString());
        expect(read).toEqual(values);
      }
    });

    it('starts in the middle and goes back where it is told', async () => {
      const log = await logWith(harness, topic('a'));
      await appendAll(
        log,
        ['0', '1', '2', '3'].map((value) => outgoing('a', 0, value)),
      );
      const reader = log.reader('a', 0, offset(2));
      const read = async (): Promise<(string | undefined)[]> =>
        (await readAll(reader)).records.map(({ value }) => value?.toString());
      expect(await read()).toEqual(['2', '3']);
      reader.seek(offset(1));
      expect(await read()).toEqual(['1', '2', '3']);
    });

    it('refuses a position beyond the end', async () => {
      const log = await logWith(harness, topic('a'));
      await appendAll(log, [outgoing('a', 0, 'x')]);
      const reader = log.reader('a', 0, offset(1_000));
      await expect(reader.poll(ALL)).rejects.toMatchObject({ code: 'LOG_OFFSET_OUT_OF_RANGE' });
    });

    it('wakes a waiting reader at the commit, and not before', async () => {
      const log = await logWith(harness, topic('a'));
      const reader = log.reader('a', 0, FIRST_OFFSET);
      const transaction = await (await log.producer('t')).begin();
      let isAwake = false;
      const woken = reader.more(new AbortController().signal).then(() => {
        isAwake = true;
      });
      await transaction.send([outgoing('a', 0, 'x')]);
      await new Promise((turn) => setImmediate(turn));
      expect(isAwake).toBe(false);
      await transaction.commit();
      await woken;
      expect((await reader.poll(ALL)).records).toHaveLength(1);
    });

    it('stops waiting when the signal aborts, and does not wait when there is more', async () => {
      const log = await logWith(harness, topic('a'));
      const reader = log.reader('a', 0, FIRST_OFFSET);
      const stop = new AbortController();
      const waiting = reader.more(stop.signal);
      stop.abort();
      await waiting;
      await reader.more(stop.signal);
      await appendAll(log, [outgoing('a', 0, 'x')]);
      await reader.more(new AbortController().signal);
    });
  });

  describe(`${name} keeps the log contract: the end`, () => {
    it('answers nothing after it was closed', async () => {
      const log = await logWith(harness, topic('a'));
      const reader = log.reader('a', 0, FIRST_OFFSET);
      const producer = await log.producer('t');
      await log.sync();
      await log.close();
      const closed = { code: 'LOG_CLOSED' };
      await expect(producer.begin()).rejects.toMatchObject(closed);
      await expect(reader.poll(ALL)).rejects.toMatchObject(closed);
      await expect(log.topics()).rejects.toMatchObject(closed);
    });
  });
};
