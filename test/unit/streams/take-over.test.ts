import { concatMap } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { LogError } from '../../../src/log/errors.ts';
import { memoryStoreFolder } from '../../../src/state/memory/memory-store.ts';
import type { SlabDefinition } from '../../../src/state/slab.ts';
import type { StoreFolder } from '../../../src/state/store.ts';
import { recordsOf, withContent } from '../../../src/streams/batch.ts';
import type { Topology } from '../../../src/streams/topology.ts';
import { oneTask, type OneTask } from './one-task.ts';

/** A word a block: a counter, and then the last values. */
const sized = (size: number): SlabDefinition => ({
  kind: 'slab',
  name: `last-${size}`,
  version: 1,
  blockBytes: Array.from({ length: size + 1 }, () => 8),
  kinOf: (room) => {
    const [, digits] = /^last-(\d+)@1$/.exec(room) ?? [];
    if (digits === undefined) return undefined;
    const other = Number(digits);
    return {
      definition: sized(other),
      take: (from, to) => {
        to.f64.set(from.f64.subarray(0, 1 + Math.min(size, other)));
      },
    };
  },
});

/** Keeps so many of the last values of each key, the latest first. */
const keeping = (size: number): Topology => ({
  name: 'keep',
  stream: 'shop',
  summary: 'keeps the last values',
  sources: [{ topic: 'in', kind: 'partitioned' }],
  stores: [sized(size)],
  sinks: [],
  partitions: 1,
  start: ({ state }) => ({
    process: concatMap(async (batch) => {
      const slab = state.slab(sized(size));
      for (const { key, value } of recordsOf(batch.content, 'in')) {
        const row = slab.row(String(key));
        slab.touch(row, 0, slab.rowBytes);
        const { f64 } = row;
        f64.copyWithin(2, 1, size);
        f64[0] = (f64[0] ?? 0) + 1;
        f64[1] = Number(value);
      }
      return withContent(batch, undefined);
    }),
  }),
});

const PATH = ['test', 'shop', 'keep', '0'];

/** Counter and values by key, of what the store holds; and the rooms that it has anything of. */
const kept = async (stores: StoreFolder): Promise<Record<string, readonly number[]>> => {
  const store = await stores.open(PATH);
  const found: Record<string, readonly number[]> = {};
  for await (const [key, value] of store.entries()) {
    found[key] = [...new Float64Array(Uint8Array.from(value).buffer)];
  }
  await store.close();
  return found;
};

const begun = async (): Promise<OneTask> => {
  const task = oneTask();
  await task.log.ensureTopics([{ name: 'in', partitions: 1, cleanup: 'keep' }]);
  return task;
};

/** Runs with so many values until some more have been read, and stops. */
const run = async (
  task: OneTask,
  { size, stores, values }: { size: number; stores: StoreFolder; values: readonly string[] },
): Promise<void> => {
  task.append('in', values);
  const worker = await task.start({ topology: keeping(size), stores });
  await task.until(() => worker.tasks[0]?.isDrained === true);
  await worker.stop();
};

const gone = () => memoryStoreFolder();

describe('a store that another configuration sized otherwise', () => {
  it.each([2, 3, 5, 8])('is taken over, as far as it fits: %i values', async (size) => {
    for (const isLost of [false, true]) {
      const task = await begun();
      const stores = memoryStoreFolder();
      await run(task, { size: 4, stores, values: ['1', '2', '3', '4', '5'] });
      const now = isLost ? gone() : stores;
      await run(task, { size, stores: now, values: ['6'] });
      const last = [6, 5, 4, 3, 2].concat([0, 0, 0]).slice(0, size);
      expect(await kept(now)).toEqual({ [`last-${size}@1/0/k`]: [6, ...last] });
      const empty = gone();
      await run(task, { size, stores: empty, values: [] });
      expect(await kept(empty)).toEqual(await kept(now));
      expect(task.failures).toEqual([]);
    }
  });

  it('comes back without what it held before, on a disk that still has it', async () => {
    const task = await begun();
    const [here, there] = [memoryStoreFolder(), memoryStoreFolder()];
    await run(task, { size: 2, stores: here, values: ['1', '2'] });
    await run(task, { size: 4, stores: there, values: ['3'] });
    await run(task, { size: 4, stores: here, values: ['4'] });
    await run(task, { size: 2, stores: there, values: ['5'] });
    await run(task, { size: 2, stores: here, values: ['6'] });
    const expected = { 'last-2@1/0/k': [6, 6, 5] };
    expect(await kept(here)).toEqual(expected);
    const empty = gone();
    await run(task, { size: 2, stores: empty, values: [] });
    expect(await kept(empty)).toEqual(expected);
    expect(task.failures).toEqual([]);
  });

  it('is taken over once, wherever the way there is cut off', async () => {
    for (const call of ['begin', 'send', 'commit'] as const) {
      for (const moment of ['before', 'after'] as const) {
        const task = await begun();
        const stores = memoryStoreFolder();
        await run(task, { size: 4, stores, values: ['1', '2', '3'] });
        let calls = 0;
        task.fault = (point) => {
          if (point.call !== call || point.moment !== moment) return;
          calls += 1;
          // The first one is of the claim.
          if (calls === 2) throw new LogError('LOG_UNREACHABLE', 'gone', { retriable: true });
        };
        await run(task, { size: 5, stores, values: ['4'] });
        expect(calls, call).toBeGreaterThan(1);
        expect(task.failures).toHaveLength(1);
        expect(await kept(stores)).toEqual({ 'last-5@1/0/k': [4, 4, 3, 2, 1, 0] });
      }
    }
  });

  it('is left alone where one of this size is there already, and not met again', async () => {
    const task = await begun();
    const stores = memoryStoreFolder();
    await run(task, { size: 4, stores, values: ['1', '2'] });
    await run(task, { size: 3, stores, values: ['3'] });
    // As an earlier version left it.
    const block = task.log
      .snapshot('test.shop.keep.changelog')
      .find(({ key, value }) => String(key) === 'last-4@1/1/k' && value !== null);
    if (block === undefined) throw new Error('there is one');
    task.log.append('test.shop.keep.changelog', 0, [{ key: block.key, value: block.value }]);
    await run(task, { size: 3, stores, values: ['4'] });
    expect(await kept(stores)).toEqual({ 'last-3@1/0/k': [4, 4, 3, 2] });
    await run(task, { size: 4, stores, values: [] });
    expect(await kept(stores)).toEqual({ 'last-4@1/0/k': [4, 4, 3, 2, 0] });
  });

  it('is forgotten by an application that begins again in place', async () => {
    const task = await begun();
    const stores = memoryStoreFolder();
    await run(task, { size: 4, stores, values: ['1', '2', '3'] });
    await task.beginAgain(keeping(5), () => [{ topic: 'in', partition: 0, next: 2 }]);
    await run(task, { size: 5, stores, values: ['4'] });
    expect(await kept(stores)).toEqual({ 'last-5@1/0/k': [2, 4, 3, 0, 0, 0] });
  });
});
