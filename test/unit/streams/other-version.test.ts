import { concatMap } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { jsonStore } from '../../../src/state/json-store.ts';
import { store, type StoreDefinition } from '../../../src/state/task-state.ts';
import { recordsOf, withContent } from '../../../src/streams/batch.ts';
import type { Topology } from '../../../src/streams/topology.ts';
import { memoryStoreFolder } from '../../../src/state/memory/memory-store.ts';
import { oneTask, type OneTask } from './one-task.ts';

const counting = (name: string, version: number) =>
  jsonStore<number>({ name, version, initial: () => 0 });

/** Counts what it reads, in the first of its stores. */
const counter = (
  counts: ReturnType<typeof counting>,
  ...others: readonly StoreDefinition[]
): Topology => ({
  name: 'count',
  stream: 'shop',
  summary: 'counts',
  sources: [{ topic: 'in', kind: 'partitioned' }],
  stores: [store(counts), ...others],
  sinks: [],
  partitions: 1,
  start: (scope) => ({
    process: concatMap(async (batch) => {
      const kept = scope.state.keyed(counts);
      const { length } = [...recordsOf(batch.content, 'in')];
      kept.put('n', (kept.find('n') ?? 0) + length);
      return withContent(batch, undefined);
    }),
  }),
});

const stores = memoryStoreFolder();

/** A task that has counted three records as one version of a store, and was stopped. */
const counted = async (version: number): Promise<OneTask> => {
  const task = oneTask();
  await task.log.ensureTopics([{ name: 'in', partitions: 1, cleanup: 'keep' }]);
  task.append('in', ['a', 'b', 'c']);
  const worker = await task.start({ topology: counter(counting('seen', version)), stores });
  await task.until(() => task.commits.some(({ records }) => records > 0));
  await worker.stop();
  return task;
};

describe('state of another version', () => {
  it('is not forgotten without a word, by the changelog or by the store', async () => {
    for (const kept of [stores, memoryStoreFolder()]) {
      const task = await counted(1);
      const topology = counter(counting('seen', 2));
      const { tasks } = await task.start({ topology, stores: kept });
      await task.until(() => task.failures.length > 0);
      expect(task.failures[0]).toMatchObject({
        code: 'TASK_STATE_VERSION',
        message: expect.stringContaining('count.0 keeps seen@2, and ') as unknown,
      });
      await task.until(() => tasks[0]?.state === 'HALTED');
    }
  });

  it('is gone once the task began again in place, from what its sources have', async () => {
    for (const kept of [stores, memoryStoreFolder()]) {
      const task = await counted(1);
      await task.beginAgain(counter(counting('seen', 1)), () => [
        { topic: 'in', partition: 0, next: 1 },
      ]);
      const before = task.commits.length;
      const worker = await task.start({ topology: counter(counting('seen', 2)), stores: kept });
      await task.until(() => task.commits.slice(before).some(({ records }) => records > 0));
      await worker.stop();
      expect(task.failures).toEqual([]);
      const last = task.log.snapshot('test.shop.count.changelog').map(({ key, value }) => {
        return [key?.toString(), value?.subarray(-1).toString()];
      });
      expect(last.findLast(([key]) => key?.startsWith('seen@1'))?.[1]).toBeUndefined();
      expect(last.findLast(([key]) => key?.startsWith('seen@2'))?.[1]).toBe('2');
    }
  });

  it('is nobody’s business where the store is a new one beside it', async () => {
    const task = await counted(1);
    const before = task.commits.length;
    const more = store(counting('more', 2));
    await task.start({ topology: counter(counting('seen', 1), more) });
    task.append('in', ['d']);
    await task.until(() => task.commits.length > before);
    expect(task.failures).toEqual([]);
  });
});
