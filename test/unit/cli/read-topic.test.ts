import { describe, expect, it } from 'vitest';
import { readTopic } from '../../../src/cli/read-topic.ts';
import { memoryLog, type MemoryLog } from '../../../src/log/memory/memory-log.ts';
import type { FaultPoint } from '../../../src/log/memory/faults.ts';
import { hungOn } from '../../support/hung-on.ts';

const PARTITIONS = 3;
const START = { kind: 'start' } as const;

interface Given {
  readonly log: MemoryLog;
  readonly stop: AbortController;
  /** Polls of all partitions. */
  polls: number;
  /** Called when a reader waits for more. */
  onMore: () => void;
}

/** A log whose clock goes on with each record, with an empty topic `a`. */
const given = async (): Promise<Given> => {
  let nowMs = 0;
  const log = memoryLog({
    clock: { now: () => (nowMs += 1), monotonic: () => nowMs },
    faults: ({ call, moment }: FaultPoint) => {
      if (moment === 'after') return;
      if (call === 'poll') test.polls += 1;
      if (call === 'more') test.onMore();
    },
  });
  await log.ensureTopics([{ name: 'a', partitions: PARTITIONS, cleanup: 'keep' }]);
  const test: Given = { log, stop: new AbortController(), polls: 0, onMore: () => undefined };
  return test;
};

const append = (log: MemoryLog, partition: number, ...values: readonly string[]): void => {
  log.append(
    'a',
    partition,
    values.map((value) => ({ key: null, value: Buffer.from(value) })),
  );
};

const numbers = (count: number): readonly string[] =>
  Array.from({ length: count }, (_, n) => `${n}`);

/** Reads until there are so many, and stops then. */
const follow = async ({ log, stop }: Given, count: number): Promise<readonly string[]> => {
  const values: string[] = [];
  const { signal } = stop;
  for await (const { value } of readTopic(log, { topic: 'a', from: START, follow: true, signal })) {
    values.push(String(value));
    if (values.length === count) stop.abort();
  }
  return values;
};

describe('reading a topic', () => {
  it.each([0, 1])('to its end is no success when it is stopped after %i records', async (count) => {
    const { log, stop } = await given();
    append(log, 0, 'x', 'y');
    const { signal } = stop;
    if (count === 0) stop.abort();
    const read = async (): Promise<void> => {
      for await (const record of readTopic(log, {
        topic: 'a',
        from: START,
        follow: false,
        signal,
      })) {
        expect(record.offset).toBe(0);
        stop.abort();
      }
    };
    await expect(read()).rejects.toMatchObject({
      code: 'INTERRUPTED',
      message: expect.stringContaining('before a was read to its end') as string,
    });
  });

  it('asks empty partitions once a buffer, and not for each record', async () => {
    const test = await given();
    append(test.log, 1, ...numbers(500));
    expect(await follow(test, 500)).toEqual(numbers(500));
    expect(test.polls).toBeLessThan(3 * PARTITIONS);
  });

  it('asks each partition once when something comes after a wait', async () => {
    const test = await given();
    let calls = 0;
    test.onMore = () => {
      // Of each wait, that of the last partition.
      if ((calls += 1) % PARTITIONS === 0) append(test.log, 1, 'x');
    };
    expect(await follow(test, 10)).toHaveLength(10);
    // Whoever brought something is asked once more before the next wait.
    expect(test.polls).toBeLessThanOrEqual(11 * (PARTITIONS + 1));
  });

  it('hears of quiet partitions beside one that never comes to its end', async () => {
    const test = await given();
    append(test.log, 0, 'x');
    const { log, stop } = test;
    const { signal } = stop;
    const seen: string[] = [];
    for await (const { value } of readTopic(log, {
      topic: 'a',
      from: START,
      follow: true,
      signal,
    })) {
      seen.push(String(value));
      append(log, 0, 'x');
      if (seen.length === 5) append(log, 2, 'heard');
      if (seen.includes('heard') || seen.length > 50) stop.abort();
    }
    expect(seen).toContain('heard');
  });

  it('leaves nothing behind at its signal, and no timer, when waiting fails', async () => {
    const test = await given();
    const timers = (): number =>
      process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
    const before = timers();
    test.onMore = () => {
      throw new Error('the log went away');
    };
    await expect(follow(test, 1)).rejects.toThrow('the log went away');
    expect(timers()).toBe(before);
    expect(hungOn(test.stop.signal)).toBe(0);
  });
});
