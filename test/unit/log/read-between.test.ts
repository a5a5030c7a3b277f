import { describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/core/clock.ts';
import { memoryLog, type MemoryLog } from '../../../src/log/memory/memory-log.ts';
import { offset } from '../../../src/log/offset.ts';
import { readBetween } from '../../../src/log/read-between.ts';

/** Of ten records, the value of each its offset. */
const tenRecords = async (): Promise<MemoryLog> => {
  const log = memoryLog({ clock: systemClock });
  await log.ensureTopics([{ name: 'in', partitions: 1, cleanup: 'delete' }]);
  const records = Array.from({ length: 10 }, (_, at) => ({
    key: null,
    value: Buffer.from(`${at}`),
    headers: {},
  }));
  log.append('in', 0, records);
  return log;
};

/** Keeps how many of the readers that were opened are open still. */
const counted = (log: MemoryLog): { log: MemoryLog; open: () => number } => {
  let open = 0;
  const make = log.reader.bind(log);
  log.reader = (...place) => {
    const reader = make(...place);
    const close = reader.close.bind(reader);
    open += 1;
    reader.close = () => {
      open -= 1;
      close();
    };
    return reader;
  };
  return { log, open: () => open };
};

const LIMITS = { maxRecords: 4, maxBytes: 1 << 20 };
const IN = { topic: 'in', partition: 0 };

const offsetsOf = async (log: MemoryLog, from: number, to: number): Promise<number[][]> => {
  const polls: number[][] = [];
  const place = { ...IN, from: offset(from), to };
  for await (const { records } of readBetween(log, place, LIMITS)) {
    polls.push(records.map((record) => record.offset));
  }
  return polls;
};

describe('a partition that is read between two offsets', () => {
  it('is polled until the end is covered, and no further', async () => {
    const log = await tenRecords();
    expect(await offsetsOf(log, 1, 7)).toEqual([
      [1, 2, 3, 4],
      [5, 6, 7, 8],
    ]);
    expect(await offsetsOf(log, 1, 5)).toEqual([[1, 2, 3, 4]]);
    expect(await offsetsOf(log, 5, 5)).toEqual([]);
  });

  it('ends where the log has no more', async () => {
    expect((await offsetsOf(await tenRecords(), 8, 1_000)).flat()).toEqual([8, 9]);
  });

  it('closes its reader at the end, on a break and on a failure', async () => {
    const { log, open } = counted(await tenRecords());
    await offsetsOf(log, 0, 10);
    expect(open()).toBe(0);
    const place = { ...IN, from: offset(0), to: 10 };
    for await (const { records } of readBetween(log, place, LIMITS)) {
      expect(open()).toBe(1);
      if (records.length > 0) break;
    }
    expect(open()).toBe(0);
    const failing = async (): Promise<void> => {
      for await (const polled of readBetween(log, place, LIMITS)) {
        throw new Error(`after ${polled.next}`);
      }
    };
    await expect(failing()).rejects.toThrow('after 4');
    expect(open()).toBe(0);
  });
});
