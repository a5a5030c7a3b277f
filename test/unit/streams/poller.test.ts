import { describe, expect, it, onTestFinished } from 'vitest';
import { systemClock } from '../../../src/core/clock.ts';
import { memoryLog, type MemoryLog } from '../../../src/log/memory/memory-log.ts';
import { FIRST_OFFSET } from '../../../src/log/offset.ts';
import { poller, type Poller } from '../../../src/streams/poller.ts';
import type { Positions } from '../../../src/streams/positions.ts';
import { DEFAULT_LIMITS, type TaskLimits } from '../../../src/streams/task-context.ts';

interface Given {
  readonly log: MemoryLog;
  readonly poller: Poller;
  readonly stop: AbortController;
}

/** A task that reads its partition of `raw`, and all of `models`. */
const given = async (
  limits: Partial<TaskLimits> = {},
  paused: () => boolean = () => false,
): Promise<Given> => {
  const log = memoryLog({ clock: systemClock });
  await log.ensureTopics([
    { name: 'raw', partitions: 1, cleanup: 'keep' },
    { name: 'models', partitions: 1, cleanup: 'keep' },
  ]);
  const stop = new AbortController();
  const list = [
    { topic: 'raw', partition: 0, next: FIRST_OFFSET, broadcast: false },
    { topic: 'models', partition: 0, next: FIRST_OFFSET, broadcast: true },
  ];
  const made = poller({
    log,
    clock: systemClock,
    limits: { ...DEFAULT_LIMITS, commitIntervalMs: 0, idlePollMs: 1, ...limits },
    // A poller asks positions for their list alone.
    positions: { list } as unknown as Positions,
    signal: stop.signal,
    paused,
  });
  onTestFinished(() => {
    made.close();
  });
  return { log, poller: made, stop };
};

const append = (log: MemoryLog, topic: string, count: number): void => {
  const records = Array.from({ length: count }, (_, index) => ({
    key: null,
    value: Buffer.from(`${topic}${index}`),
  }));
  log.append(topic, 0, records);
};

const appendLong = (log: MemoryLog, text: string): void => {
  const records = Array.from({ length: 100 }, () => ({ key: null, value: Buffer.from(text) }));
  log.append('raw', 0, records);
};

/** Lets whatever can go on do so. */
const turns = async (): Promise<void> => {
  for (let turn = 0; turn < 20; turn += 1) {
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
  }
};

const sizes = async (from: Poller): Promise<Record<string, number>> => {
  const { inputs } = await from.poll();
  return Object.fromEntries(inputs.map(({ topic, records }) => [topic, records.length]));
};

describe('a poll', () => {
  it('brings what is there in the order of the sources, and where to go on', async () => {
    const { log, poller: task } = await given();
    append(log, 'models', 2);
    append(log, 'raw', 3);
    const { inputs } = await task.poll();
    expect(inputs.map(({ topic, records, next }) => [topic, records.length, next])).toEqual([
      ['raw', 3, 4],
      ['models', 2, 3],
    ]);
  });

  it('is empty at the end, and says so', async () => {
    const { log, poller: task } = await given();
    expect(await task.poll()).toMatchObject({ atEnd: true });
    append(log, 'raw', 1);
    // The end was looked for behind it.
    expect(await task.poll()).toMatchObject({ atEnd: true });
    append(log, 'raw', 1);
    expect(await sizes(task)).toEqual({ raw: 1, models: 0 });
    expect(await task.poll()).toMatchObject({ atEnd: true });
  });

  it('holds no more than its limits say, and starves no source', async () => {
    const { log, poller: task } = await given({ batchRecordsMax: 10, commitIntervalMs: 1_000 });
    append(log, 'raw', 100);
    append(log, 'models', 3);
    expect(await sizes(task)).toEqual({ raw: 7, models: 3 });
    expect(await sizes(task)).toEqual({ raw: 10, models: 0 });
  });

  it('counts bytes over all that it gathers', async () => {
    const { log, poller: task } = await given({ batchBytesMax: 2_000, commitIntervalMs: 1_000 });
    appendLong(log, 'x'.repeat(500));
    const { raw = 0 } = await sizes(task);
    expect(raw).toBeGreaterThan(0);
    expect(raw).toBeLessThanOrEqual(5);
  });

  it('leaves partitioned sources alone while paused, and claims no end', async () => {
    const state = { paused: true };
    const { log, poller: task } = await given({}, () => state.paused);
    append(log, 'raw', 3);
    append(log, 'models', 1);
    expect(await sizes(task)).toEqual({ models: 1 });
    expect(await task.poll()).toMatchObject({ atEnd: false });
    state.paused = false;
    expect(await sizes(task)).toEqual({ raw: 3, models: 0 });
  });

  it('waits for records, and no longer than for the stop', async () => {
    const { log, poller: task, stop } = await given({ idlePollMs: 1 << 30 });
    const first = sizes(task);
    append(log, 'models', 1);
    expect(await first).toEqual({ raw: 0, models: 1 });
    const second = sizes(task);
    stop.abort();
    expect(await second).toEqual({ raw: 0, models: 0 });
  });

  it('waits for more only while the batch before is younger than the commit interval', async () => {
    const commitIntervalMs = 1 << 30;
    const { log, poller: task, stop } = await given({ commitIntervalMs });
    append(log, 'raw', 2);
    // Nothing came before: the first batch waits for nobody.
    expect(await sizes(task)).toMatchObject({ raw: 2 });
    append(log, 'raw', 3);
    let isGathered = false;
    const second = sizes(task).then((found) => {
      isGathered = true;
      return found;
    });
    await turns();
    expect(isGathered).toBe(false);
    append(log, 'raw', 1);
    await turns();
    stop.abort();
    expect(await second).toMatchObject({ raw: 4 });
  });
});
