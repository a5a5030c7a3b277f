import { describe, expect, it } from 'vitest';
import { memoryStoreFolder } from '../../../src/state/memory/memory-store.ts';
import type { Store } from '../../../src/state/store.ts';
import { store as storeOf, TaskState } from '../../../src/state/task-state.ts';
import { StoreFollower } from '../../../src/streams/store-follower.ts';
import { jsonStore } from '../../../src/state/json-store.ts';

const EVERY_MS = 30_000;
const VALUES = jsonStore<{ n: number }>({ name: 'values', version: 1, initial: () => ({ n: 0 }) });

/** A follower of a task with so many values, on a clock and a log of its own. */
const followed = async (
  values: number,
): Promise<{
  readonly follower: StoreFollower;
  readonly store: Store;
  readonly time: { nowMs: number };
  readonly log: { sync: () => Promise<void> };
  readonly stored: () => Promise<number>;
}> => {
  const state = new TaskState([storeOf(VALUES)]);
  for (let index = 0; index < values; index += 1) state.keyed(VALUES).touch(String(index));
  state.committed();
  const time = { nowMs: 0 };
  const log = { sync: () => Promise.resolve() };
  const store = await memoryStoreFolder().open([]);
  const clock = { now: () => time.nowMs, monotonic: () => time.nowMs };
  const limits = { flushIntervalMs: EVERY_MS, flushPagesMax: 10 };
  const follower = new StoreFollower(
    { log, clock, limits },
    { store, state, checkpoint: () => Buffer.from(String(time.nowMs)) },
  );
  const stored = async (): Promise<number> => {
    const keys: string[] = [];
    for await (const [key] of store.entries()) keys.push(key);
    return keys.length;
  };
  return { follower, store, time, log, stored };
};

describe('a store that follows its task', () => {
  it('waits an interval, then takes parts, with the checkpoint of the begin', async () => {
    const { follower, store, time, stored } = await followed(25);
    time.nowMs = EVERY_MS - 1;
    follower.step();
    await follower.settled();
    expect(await stored()).toBe(0);
    for (const [nowMs, count] of [
      [EVERY_MS, 10],
      [EVERY_MS + 999, 10],
      [EVERY_MS + 1_000, 20],
    ] as const) {
      time.nowMs = nowMs;
      follower.step();
      await follower.settled();
      expect(await stored()).toBe(count);
      expect(await store.checkpoint()).toBeUndefined();
    }
    time.nowMs = EVERY_MS + 2_000;
    follower.step();
    await follower.settled();
    expect(await stored()).toBe(25);
    expect((await store.checkpoint())?.toString()).toBe(String(EVERY_MS));
  });

  it('writes nothing before the log is on disk, and takes no other part meanwhile', async () => {
    const { follower, time, log, stored } = await followed(25);
    let isSynced = (): void => undefined;
    log.sync = () => new Promise((resolve) => (isSynced = resolve));
    for (const nowMs of [EVERY_MS, 2 * EVERY_MS]) {
      time.nowMs = nowMs;
      follower.step();
    }
    expect(await stored()).toBe(0);
    isSynced();
    await follower.settled();
    expect(await stored()).toBe(10);
  });

  it('tells at the next step what a part failed with', async () => {
    const { follower, time, log } = await followed(1);
    log.sync = () => Promise.reject(new Error('no space'));
    time.nowMs = EVERY_MS;
    follower.step();
    await follower.settled();
    expect(() => {
      follower.step();
    }).toThrow('no space');
    await expect(follower.finish()).rejects.toThrow('no space');
  });

  it('writes the rest when its task ends, with the checkpoint of that instant', async () => {
    const { follower, store, time, stored } = await followed(25);
    time.nowMs = EVERY_MS;
    follower.step();
    time.nowMs = EVERY_MS + 1;
    await follower.finish();
    expect(await stored()).toBe(25);
    expect((await store.checkpoint())?.toString()).toBe(String(EVERY_MS + 1));
  });
});
