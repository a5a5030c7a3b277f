import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../src/core/clock.ts';
import { memoryStoreFolder } from '../../src/state/memory/memory-store.ts';
import type { KeyedDefinition } from '../../src/state/keyed.ts';
import type { SlabDefinition } from '../../src/state/slab.ts';
import { store as storeOf, TaskState } from '../../src/state/task-state.ts';
import { StoreFollower } from '../../src/streams/store-follower.ts';
import { DEFAULT_LIMITS } from '../../src/streams/task-context.ts';

/** Some blocks share a page of the store, one fills more than a page. */
const BLOCK_BYTES = [16, 4_000, 96, 8, 5_000, 24, 8];
const ROW_BYTES = BLOCK_BYTES.reduce((sum, bytes) => sum + bytes, 0);
const rows: SlabDefinition = { kind: 'slab', name: 'rows', version: 1, blockBytes: BLOCK_BYTES };

const counters: KeyedDefinition<{ n: number }> = {
  kind: 'keyed',
  name: 'counters',
  version: 1,
  initial: () => ({ n: 0 }),
  clone: ({ n }) => ({ n }),
  encode: ({ n }) => Buffer.from(String(n)),
  decode: (bytes) => ({ n: Number(Buffer.from(bytes).toString()) }),
};

const definitions = [rows, storeOf(counters)];

type Change =
  | { readonly type: 'byte'; readonly key: string; readonly at: number; readonly value: number }
  | { readonly type: 'count'; readonly key: string }
  | { readonly type: 'put'; readonly key: string; readonly value: number }
  | { readonly type: 'delete'; readonly key: string };

interface Step {
  readonly changes: readonly Change[];
  readonly outcome: 'commit' | 'rollback';
}

const key = fc.constantFrom('a', 'b/with/slashes', 'ü');
const change: fc.Arbitrary<Change> = fc.oneof(
  fc.record({
    type: fc.constant('byte' as const),
    key,
    at: fc.oneof(fc.nat(ROW_BYTES - 1), fc.constantFrom(0, 16, 4_015, 4_112, 4_120, 9_120, 9_150)),
    value: fc.nat(255),
  }),
  fc.record({ type: fc.constant('count' as const), key }),
  fc.record({ type: fc.constant('put' as const), key, value: fc.nat() }),
  fc.record({ type: fc.constant('delete' as const), key }),
);
const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.record({
    changes: fc.array(change, { maxLength: 8 }),
    outcome: fc.constantFrom('commit' as const, 'rollback' as const),
  }),
  { maxLength: 20 },
);

const apply = (state: TaskState, one: Change): void => {
  if (one.type === 'byte') {
    const slab = state.slab(rows);
    const row = slab.row(one.key);
    slab.touch(row, one.at, one.at + 1);
    row.bytes[one.at] = one.value;
    return;
  }
  const keyed = state.keyed(counters);
  if (one.type === 'count') keyed.touch(one.key).n += 1;
  else if (one.type === 'put') keyed.put(one.key, { n: one.value });
  else keyed.delete(one.key);
};

const dump = (state: TaskState): string => {
  const slab = state.slab(rows);
  const keyed = state.keyed(counters);
  const slabLines = [...slab.keys()].map(
    (name) => `${name}=${Buffer.from(slab.row(name).bytes).toString('hex')}`,
  );
  const keyedLines = [...keyed.keys()].map((name) => `${name}:${keyed.find(name)?.n}`);
  return [...slabLines, ...keyedLines].sort().join('\n');
};

/** The plain way: the same commits on a state that never sees what is rolled back. */
const calm = (run: readonly Step[]): string => {
  const state = new TaskState(definitions);
  for (const { changes, outcome } of run) {
    if (outcome === 'commit') for (const one of changes) apply(state, one);
    state.committed();
  }
  return dump(state);
};

const copies = (state: TaskState): (readonly [string, Buffer | null])[] => {
  const found: [string, Buffer | null][] = [];
  state.visitTouched((prefix, name, bytes) => {
    found.push([`${prefix.toString()}${name}`, bytes === null ? null : Buffer.from(bytes)]);
  });
  return found;
};

describe('the state of a task', () => {
  it('holds what was committed and nothing that was rolled back', () => {
    let compared = 0;
    fc.assert(
      fc.property(steps, (run) => {
        const state = new TaskState(definitions);
        for (const { changes, outcome } of run) {
          for (const one of changes) apply(state, one);
          if (outcome === 'commit') state.committed();
          else state.rollback();
        }
        compared += run.length;
        expect(dump(state)).toBe(calm(run));
      }),
      { numRuns: 500 },
    );
    expect(compared).toBeGreaterThan(1_000);
  });

  it('is rebuilt by its changelog, record by record', () => {
    let records = 0;
    fc.assert(
      fc.property(steps, (run) => {
        const state = new TaskState(definitions);
        const restored = new TaskState(definitions);
        for (const { changes } of run) {
          for (const one of changes) apply(state, one);
          for (const [name, bytes] of copies(state)) {
            restored.restore(name, bytes);
            records += 1;
          }
          state.committed();
        }
        expect(dump(restored)).toBe(dump(state));
      }),
      { numRuns: 300 },
    );
    expect(records).toBeGreaterThan(1_000);
  });

  it('is rebuilt by what it flushes, in parts of any size between its batches', () => {
    let entries = 0;
    fc.assert(
      fc.property(steps, fc.integer({ min: 1, max: 9 }), (run, max) => {
        const state = new TaskState(definitions);
        const stored = new Map<string, Buffer | null>();
        const take = (): boolean => {
          const part = state.takeUnflushed(max);
          for (const { key: name, value } of part) {
            stored.set(name, value === null ? null : Buffer.from(value));
          }
          entries += part.length;
          return part.length < max;
        };
        let isOver = true;
        for (const { changes } of run) {
          for (const one of changes) apply(state, one);
          state.committed();
          if (isOver) state.beginFlush();
          isOver = take();
        }
        while (!isOver) isOver = take();
        state.beginFlush();
        while (!take());
        const restored = new TaskState(definitions);
        for (const [name, value] of stored) if (value !== null) restored.load(name, value);
        expect(dump(restored)).toBe(dump(state));
      }),
      { numRuns: 300 },
    );
    expect(entries).toBeGreaterThan(1_000);
  });

  it('is rebuilt by store and changelog together, whenever it dies', async () => {
    let parts = 0;
    await fc.assert(
      fc.asyncProperty(steps, fc.integer({ min: 1, max: 9 }), async (run, flushPagesMax) => {
        const state = new TaskState(definitions);
        const changelog: (readonly [string, Buffer | null])[] = [];
        const store = await memoryStoreFolder().open([]);
        const limits = { ...DEFAULT_LIMITS, flushIntervalMs: 0, flushPagesMax };
        const follower = new StoreFollower(
          { log: { sync: () => Promise.resolve() }, clock: systemClock, limits },
          { store, state, checkpoint: () => Buffer.from(String(changelog.length)) },
        );
        const refuseOther = async (): Promise<void> => {
          const checkpoint = await store.checkpoint();
          const from = Number(checkpoint?.toString() ?? 0);
          const restored = new TaskState(definitions);
          if (checkpoint !== undefined) {
            for await (const [name, value] of store.entries()) restored.load(name, value);
          }
          for (const [name, bytes] of changelog.slice(from)) restored.restore(name, bytes);
          expect(dump(restored)).toBe(dump(state));
        };
        for (const { changes } of run) {
          for (const one of changes) apply(state, one);
          changelog.push(...copies(state));
          state.committed();
          follower.step();
          await refuseOther();
          await follower.settled();
          await refuseOther();
          parts += 1;
        }
        await follower.finish();
        expect((await store.checkpoint())?.toString()).toBe(String(changelog.length));
        await refuseOther();
      }),
      { numRuns: 400 },
    );
    expect(parts).toBeGreaterThan(1_000);
  });

  it('leaves blocks of other store versions alone, and counts them', () => {
    const state = new TaskState(definitions);
    state.restore('rows@9/0/a', Buffer.alloc(16));
    state.load('rows@9/0/a', Buffer.alloc(16));
    expect(state.foreignBlocks).toBe(2);
    expect(dump(state)).toBe('');
  });
});
