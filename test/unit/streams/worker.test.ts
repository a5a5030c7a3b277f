import { concatMap, map } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { LogError } from '../../../src/log/errors.ts';
import { offset } from '../../../src/log/offset.ts';
import { StateError } from '../../../src/state/errors.ts';
import { jsonStore } from '../../../src/state/json-store.ts';
import { memoryStoreFolder } from '../../../src/state/memory/memory-store.ts';
import type { StoreFolder } from '../../../src/state/store.ts';
import { store } from '../../../src/state/task-state.ts';
import {
  count,
  recordsOf,
  withContent,
  type Batch,
  type Polled,
} from '../../../src/streams/batch.ts';
import type { TaskScope, Topology } from '../../../src/streams/topology.ts';
import { sourceSet, watermarkRecord } from '../../../src/streams/watermarks.ts';
import { until } from '../../contracts/log-harness.ts';
import { oneTask, type OneTask } from './one-task.ts';

const OUT = 'shop.out';
const LETTERS = 'in.dead-letters';
const seen = jsonStore<number>({ name: 'seen', version: 1, initial: () => 0 });

type Step = (text: string, scope: TaskScope, batch: Batch<Polled>) => string | Promise<string>;

/** in → out, each record changed by a step that may fail; its state counts what it has seen. */
const copying = (step: Step, rest: Partial<Topology> = {}): Topology => ({
  name: 'copy',
  stream: 'shop',
  summary: 'copies',
  sources: [{ topic: 'in', kind: 'partitioned' }],
  stores: [store(seen)],
  sinks: [{ name: OUT, partitions: 1, cleanup: 'keep' }],
  partitions: 1,
  start: (scope) => ({
    process: concatMap(async (batch) => {
      for (const { key, value } of recordsOf(batch.content, 'in')) {
        const counts = scope.state.keyed(seen);
        counts.put('n', (counts.find('n') ?? 0) + 1);
        const text = await step(value?.toString() ?? 'null', scope, batch);
        const out = `${text} ${counts.find('n')}`;
        batch.outbox.records.add({ topic: OUT, partition: 0, key, value: Buffer.from(out) });
      }
      return withContent(batch, undefined);
    }),
  }),
  ...rest,
});

const same: Step = (text) => text;
const failingAt =
  (bad: string): Step =>
  (text) => {
    if (text === bad) throw new TypeError(`cannot take ${bad}`);
    return text;
  };

const withSource = async (): Promise<OneTask> => {
  const task = oneTask();
  await task.log.ensureTopics([{ name: 'in', partitions: 1, cleanup: 'keep' }]);
  return task;
};

const letters = (count: number): string[] => Array.from({ length: count }, (_, i) => `v${i}`);

describe('a running task', () => {
  it('puts one bad record aside with its bytes and processes its neighbours', async () => {
    const task = await withSource();
    const counted: string[] = [];
    task.append('in', letters(100));
    await task.start({
      topology: copying(failingAt('v42')),
      metrics: { deadLettered: ({ reason }) => counted.push(reason) },
    });
    await task.until(() => task.values(OUT).length === 99);
    const good = letters(100).filter((text) => text !== 'v42');
    expect(task.values(OUT)).toEqual(good.map((text, index) => `${text} ${index + 1}`));
    expect(task.log.snapshot(LETTERS)).toHaveLength(1);
    expect(task.values(LETTERS)[0]).toContain('v42');
    expect(task.values(LETTERS)[0]).toContain('cannot take v42');
    expect(counted).toEqual(['PROCESSING_FAILED']);
    expect(task.failures).toEqual([]);
    // Found by halving: far fewer commits than records.
    expect(task.commits.filter(({ records }) => records > 0).length).toBeLessThan(12);
  });

  it('never puts a watermark aside: it halts instead', async () => {
    const task = await withSource();
    const said = {
      topic: 'raw',
      partition: 0,
      watermark: 1,
      idle: false,
      sources: sourceSet(1, [{ topic: 'raw', partition: 0 }]),
    };
    task.append('in', ['a', watermarkRecord({ topic: 'in', partition: 0 }, said), 'b']);
    const worker = await task.start({ topology: copying(failingAt('null')) });
    await task.until(() => worker.tasks[0]?.state === 'HALTED');
    expect(task.values(OUT)).toEqual(['a 1']);
    expect(task.values(LETTERS)).toEqual([]);
    expect(task.failures).toHaveLength(3);
  });

  it('puts a record aside whose output no log would take', async () => {
    const task = await withSource();
    task.append('in', ['a', 'huge', 'b']);
    await task.start({
      topology: copying((text) => (text === 'huge' ? 'x'.repeat(9 << 20) : text)),
    });
    await task.until(() => task.values(OUT).length === 2);
    expect(task.values(OUT)).toEqual(['a 1', 'b 2']);
    expect(task.values(LETTERS)[0]).toContain('the limit is');
    expect(task.failures).toEqual([]);
  });

  it('tells of a commit whose store could not follow, and goes on from it', async () => {
    const task = await withSource();
    const good = memoryStoreFolder();
    let broken = 1;
    const stores: StoreFolder = {
      open: async (path, options) => {
        const inner = await good.open(path, options);
        return {
          ...inner,
          write: (entries, checkpoint) => {
            if (broken-- > 0) throw new StateError('STATE_DISK', 'full', { retriable: true });
            return inner.write(entries, checkpoint);
          },
        };
      },
    };
    task.append('in', ['a', 'b']);
    const worker = await task.start({
      topology: copying(same),
      stores,
      limits: { flushIntervalMs: 0, batchRecordsMax: 1 },
    });
    await task.until(() => worker.tasks[0]?.isDrained === true && task.values(OUT).length === 2);
    expect(task.values(OUT)).toEqual(['a 1', 'b 2']);
    expect(task.failures.map(String)).toEqual(['StateError: full']);
    expect(task.commits.filter(({ records }) => records > 0)).toHaveLength(2);
  });

  it('undoes what the stop cuts short, and the next one does it again', async () => {
    const task = await withSource();
    const stores = memoryStoreFolder();
    let began = false;
    const endless: Step = async (_text, { signal }) => {
      began = true;
      return new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => {
          reject(new Error('cut short'));
        });
      });
    };
    task.append('in', ['a']);
    const first = await task.start({ topology: copying(endless), stores });
    await until(() => began);
    // Nobody may take it for idle meanwhile.
    expect(first.tasks[0]).toMatchObject({ state: 'RUNNING', isDrained: false });
    await first.stop();
    expect(task.failures).toEqual([]);
    expect(task.values(OUT)).toEqual([]);
    expect(task.values(LETTERS)).toEqual([]);
    expect(first.tasks[0]?.state).toBe('CLOSED');
    await task.start({ topology: copying(same), stores });
    await task.until(() => task.values(OUT).length === 1);
    expect(task.values(OUT)).toEqual(['a 1']);
  });

  it('asks the log after an outcome it cannot know, with ever smaller batches', async () => {
    const task = await withSource();
    task.append('in', letters(64));
    const sizes: number[] = [];
    let struck = 0;
    let counted = 0;
    const tell = (sum: number): void => void (counted += sum);
    const topology = copying(same, {
      start: (scope) => ({
        process: map((batch) => {
          const { length } = recordsOf(batch.content, 'in');
          sizes.push(length);
          count(batch.outbox, tell, length);
          return withContent(batch, scope.partition);
        }),
      }),
    });
    task.fault = ({ call, moment }) => {
      if (call !== 'commitOffsets' || moment !== 'before' || (struck += 1) > 3) return;
      throw new LogError('LOG_OUTCOME_UNKNOWN', 'lost', { retriable: true });
    };
    let uncommitted = 0;
    const worker = await task.start({
      topology,
      limits: { batchRecordsMax: 64 },
      metrics: { uncommitted: () => void (uncommitted += 1) },
    });
    await task.until(() => worker.tasks[0]?.isDrained === true);
    expect(uncommitted).toBe(3);
    expect(sizes.slice(0, 4)).toEqual([64, 32, 16, 8]);
    expect(task.commits.reduce((sum, { records }) => sum + records, 0)).toBe(64);
    expect(counted).toBe(64);
  });

  it('does not begin beside offsets of another', async () => {
    const task = await withSource();
    const producer = await task.log.producer('other');
    const transaction = await producer.begin();
    const next = task.log.append('in', 0, [{ key: null, value: Buffer.from('a') }]);
    task.append('in', ['b']);
    const ours = { group: 'test.shop.copy', topic: 'in', partition: 0 };
    const { stableEnd } = await task.log.offsets('in', 0);
    expect(stableEnd).toBeGreaterThan(next);
    await transaction.commitOffsets([{ ...ours, next: stableEnd }]);
    await transaction.commit();
    const worker = await task.start({ topology: copying(same) });
    await task.until(() => worker.tasks[0]?.state === 'HALTED');
    expect(String(task.failures[0])).toContain('--adopt');
    await worker.stop();
    await task.start({ topology: copying(same), adopt: true });
    await task.until(() => task.values(OUT).length === 2);
  });

  it('takes what a rival commits during its restore for a fence, not for unadopted', async () => {
    const task = await withSource();
    task.append('in', ['a']);
    const memory = memoryStoreFolder();
    let rivals = 1;
    // A store is opened between the claim and the restore.
    const stores: StoreFolder = {
      open: async (...args) => {
        if (rivals > 0) {
          rivals -= 1;
          const rival = await task.log.producer('test.shop.copy.0');
          const transaction = await rival.begin();
          const ours = { group: 'test.shop.copy', topic: 'in', partition: 0 };
          await transaction.commitOffsets([{ ...ours, next: offset(1) }]);
          await transaction.commit();
        }
        return memory.open(...args);
      },
    };
    await task.start({ topology: copying(same), stores });
    await task.until(() => task.failures.length > 0);
    expect(task.failures[0]).toMatchObject({ code: 'LOG_FENCED', retriable: true });
  });
});

describe('a worker', () => {
  it('refuses to begin beside outputs that another application wrote', async () => {
    const task = await withSource();
    await task.log.ensureTopics([{ name: OUT, partitions: 1, cleanup: 'keep' }]);
    task.append(OUT, ['old']);
    await expect(task.start({ topology: copying(same) })).rejects.toMatchObject({
      code: 'TASK_UNADOPTED',
    });
    await task.start({ topology: copying(same), adopt: true });
  });

  it.each([
    ['no source', 'TASK_SOURCE_MISSING', { sources: [{ topic: 'x', kind: 'partitioned' }] }],
    ['another number of partitions', 'TASK_SOURCE_PARTITIONS', { partitions: 3 }],
  ] as const)('says what is wrong when there is %s', async (_, code, rest) => {
    const task = await withSource();
    const topology = copying(same, rest);
    await expect(task.start({ topology })).rejects.toMatchObject({ code });
  });

  it('waits for a broadcast source that a peer may yet create', async () => {
    const task = await withSource();
    task.append('in', ['a']);
    const sources: Topology['sources'] = [
      { topic: 'in', kind: 'partitioned' },
      { topic: 'models', kind: 'broadcast' },
    ];
    await task.start({ topology: copying(same, { sources }) });
    await task.until(() => task.failures.length > 4);
    expect(task.failures[0]).toMatchObject({ code: 'TASK_SOURCE_MISSING' });
    await task.log.ensureTopics([{ name: 'models', partitions: 1, cleanup: 'keep' }]);
    await task.until(() => task.values(OUT).length === 1);
  });

  it('tells how far its tasks are behind', async () => {
    const task = await withSource();
    const lags: number[] = [];
    task.append('in', letters(3));
    await task.start({
      topology: copying(same),
      limits: { lagIntervalMs: 1 },
      metrics: { lag: ({ records }) => lags.push(records ?? Infinity) },
    });
    await task.until(() => lags.includes(0));
    // Three records, and where their transaction ended.
    expect(Math.max(...lags)).toBeLessThanOrEqual(4);
  });
});
