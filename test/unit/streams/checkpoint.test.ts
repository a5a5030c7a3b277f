import { map } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { openSerde } from '../../../src/schemas/open-serde.ts';
import { commitRecordType } from '../../../src/schemas/value-types.ts';
import { offset } from '../../../src/log/offset.ts';
import { StateError } from '../../../src/state/errors.ts';
import { jsonStore } from '../../../src/state/json-store.ts';
import { memoryStoreFolder } from '../../../src/state/memory/memory-store.ts';
import type { StoreFolder } from '../../../src/state/store.ts';
import { store } from '../../../src/state/task-state.ts';
import { recordsOf, withContent } from '../../../src/streams/batch.ts';
import { encodeCheckpoint, readCheckpoint } from '../../../src/streams/checkpoint.ts';
import type { Topology } from '../../../src/streams/topology.ts';
import { memoryRegistry } from '../../support/tally-run.ts';
import { oneTask } from './one-task.ts';

const PATH = ['test', 'shop', 'keep', '0'];
const kept = jsonStore<string>({ name: 'kept', version: 1, initial: () => '' });

/** Keeps the last value of each key. */
const keeping: Topology = {
  name: 'keep',
  stream: 'shop',
  summary: 'keeps the last value',
  sources: [{ topic: 'in', kind: 'partitioned' }],
  stores: [store(kept)],
  sinks: [],
  partitions: 1,
  start: ({ state }) => ({
    process: map((batch) => {
      for (const { key, value } of recordsOf(batch.content, 'in')) {
        state.keyed(kept).put(key?.toString() ?? '', value?.toString() ?? '');
      }
      return withContent(batch, undefined);
    }),
  }),
};

const contents = async (stores: StoreFolder): Promise<string[]> => {
  const opened = await stores.open(PATH);
  const lines: string[] = [];
  for await (const [key, value] of opened.entries()) lines.push(`${key}=${value.toString()}`);
  return lines.sort();
};

const TRUE = ['kept@1/0/a="1"', 'kept@1/0/b="2"'];

interface Spoilt {
  readonly lines: string[];
  readonly failures: unknown[];
}

/** Runs once, lets a test spoil the store, runs again; says what the store then holds. */
const afterSpoiling = async (
  spoil: (checkpoint: Buffer) => Buffer | undefined,
  { seen = (stores: StoreFolder) => stores, wrong = '"wrong"' } = {},
): Promise<Spoilt> => {
  const task = oneTask();
  const stores = memoryStoreFolder();
  await task.log.ensureTopics([{ name: 'in', partitions: 1, cleanup: 'keep' }]);
  for (const [key, value] of [
    ['a', '1'],
    ['b', '2'],
  ] as const) {
    task.append('in', [{ key: Buffer.from(key), value: Buffer.from(value) }]);
  }
  const first = await task.start({ topology: keeping, stores });
  await task.until(() => first.tasks[0]?.isDrained === true);
  await first.stop();
  const before = await stores.open(PATH);
  const checkpoint = spoil((await before.checkpoint()) ?? Buffer.alloc(0));
  const entries = ['a', 'ghost'].map((key) => {
    return { key: `kept@1/0/${key}`, value: Buffer.from(wrong) };
  });
  const spoilt = await stores.open(PATH, { discard: checkpoint === undefined });
  await spoilt.write(entries, checkpoint === undefined ? {} : { checkpoint });
  const second = await task.start({ topology: keeping, stores: seen(stores) });
  await task.until(() => second.tasks[0]?.isDrained === true);
  await second.stop();
  return { lines: await contents(stores), failures: task.failures };
};

/** The first one that is opened is found damaged where `at` says. */
const damagedAt =
  (at: 'checkpoint' | 'entries') =>
  (stores: StoreFolder): StoreFolder => {
    const damage = new StateError('STATE_CORRUPT', 'bad block');
    return {
      open: async (path, options) => {
        const opened = await stores.open(path, options);
        if (options?.discard === true) return opened;
        return {
          ...opened,
          ...(at === 'checkpoint' ? { checkpoint: () => Promise.reject(damage) } : {}),
          async *entries() {
            yield* opened.entries();
            throw damage;
          },
        };
      },
    };
  };

const withNumber = (checkpoint: Buffer, at: number, value: number): Buffer => {
  const copy = Buffer.from(checkpoint);
  copy.writeDoubleBE(value, at);
  return copy;
};

describe('a store that cannot be trusted', () => {
  it.each([
    ['ahead of the log', (bytes: Buffer) => withNumber(bytes, 0, 1_000)],
    ['at no position', (bytes: Buffer) => withNumber(bytes, 0, Number.NaN)],
    ['older than a tombstone is kept', (bytes: Buffer) => withNumber(bytes, 8, 0)],
    ['of unreadable progress', (bytes: Buffer) => Buffer.concat([bytes, Buffer.from('x')])],
    ['cut off', (bytes: Buffer) => bytes.subarray(0, 5)],
    ['killed before its first checkpoint', () => undefined],
  ])('is rebuilt from the changelog: %s', async (_, spoil) => {
    expect(await afterSpoiling(spoil)).toEqual({ lines: TRUE, failures: [] });
  });

  it.each(['checkpoint', 'entries'] as const)(
    'is rebuilt where its %s cannot be read',
    async (at) => {
      const { lines, failures } = await afterSpoiling((bytes) => bytes, { seen: damagedAt(at) });
      expect({ lines, failures }).toEqual({ lines: TRUE, failures: [] });
    },
  );

  it('is rebuilt where an entry is none that was ever written', async () => {
    const { lines, failures } = await afterSpoiling((bytes) => bytes, { wrong: 'noise' });
    expect({ lines, failures }).toEqual({ lines: TRUE, failures: [] });
  });

  it('is not rebuilt when it is true: what it holds is what counts', async () => {
    const { lines } = await afterSpoiling((bytes) => bytes);
    expect(lines).toContain('kept@1/0/ghost="wrong"');
  });
});

describe('a checkpoint', () => {
  it('comes back as it was written, with and without a commit', async () => {
    const serde = await openSerde(memoryRegistry(), 'c.commit', commitRecordType);
    const commit = {
      seq: 3,
      positions: [{ topic: 'in', partition: 0, next: 7 }],
      watermarks: [],
      frequency: '1h',
    };
    const stores = memoryStoreFolder();
    const opened = await stores.open(PATH);
    expect(await readCheckpoint(opened, serde)).toEqual({ type: 'none' });
    for (const one of [undefined, commit]) {
      const checkpoint = { changelogNext: offset(9), writtenAtMs: 1.5, commit: one };
      await opened.write([], { checkpoint: encodeCheckpoint(checkpoint, serde) });
      expect(await readCheckpoint(opened, serde)).toEqual({ type: 'checkpoint', ...checkpoint });
    }
  });
});
