import { describe, expect, it } from 'vitest';
import { offset } from '../../../src/log/offset.ts';
import { noMetrics, type TaskMetrics } from '../../../src/streams/metrics.ts';
import { tellEnds, tellPlaces, type ProgressOptions } from '../../../src/streams/progress.ts';
import { newStatus, type TaskStatus } from '../../../src/streams/task-status.ts';
import type { Topology } from '../../../src/streams/topology.ts';

const NOW_MS = 1_000_000;

const COPY: Topology = {
  name: 'copy',
  stream: 'shop',
  summary: 'copies',
  sources: [
    { topic: 'in', kind: 'partitioned' },
    { topic: 'models', kind: 'broadcast' },
  ],
  stores: [],
  sinks: [],
  partitions: 2,
  start: () => {
    throw new Error('nothing runs here');
  },
};

/** `open`: of a transaction that nobody can read yet. */
const ends = (open: number, ...stableEnds: readonly number[]) =>
  stableEnds.map((stableEnd) => ({
    ...{ start: offset(0), stableEnd: offset(stableEnd) },
    end: offset(stableEnd + open),
  }));

interface Told {
  readonly lags: Parameters<TaskMetrics['lag']>[0][];
  /** What was told, in its order. */
  readonly order: string[];
  readonly progress: Parameters<TaskMetrics['progress']>[0][];
  readonly gone: Parameters<TaskMetrics['gone']>[0][];
  readonly unassigned: number[];
  readonly states: string[];
}

interface Given {
  readonly inEnds?: readonly number[];
  readonly open?: number;
  readonly topologies?: readonly Topology[];
  /** Topics that the log says nothing of, and of nothing that is asked for beside them. */
  readonly silent?: readonly string[];
}

/** What is told of tasks whose sources end at 10 and 20, and at 5. */
const toldOf = async (
  tasks: readonly TaskStatus[],
  { inEnds = [10, 20], open = 100, topologies = [COPY], silent = [] }: Given = {},
): Promise<Told> => {
  const told: Told = { lags: [], order: [], progress: [], gone: [], unassigned: [], states: [] };
  const all = new Map([
    ['in', ends(open, ...inEnds)],
    ['models', ends(0, 5)],
  ]);
  const options: ProgressOptions = {
    log: {
      offsetsOf: async (names) => {
        told.order.push('asked');
        if (names.some((name) => silent.includes(name))) throw new Error('the log is gone');
        return names.map((topic) => ({ topic, offsets: all.get(topic) ?? [] }));
      },
    },
    clock: { now: () => NOW_MS, monotonic: () => 5_000 },
    topologies,
    tasks: () => tasks,
    metrics: {
      ...noMetrics,
      lag: (one) => told.lags.push(one),
      progress: (one) => {
        told.order.push('progress');
        told.progress.push(one);
      },
      gone: (one) => told.gone.push(one),
      unassigned: ({ partitions }) => told.unassigned.push(partitions),
      tasks: ({ state, count }) => {
        if (count > 0) told.states.push(`${count} ${state}`);
      },
    },
    everyMs: 1,
  };
  tellPlaces(options);
  await tellEnds(options);
  return told;
};

const at = (partition: number, next: number, rest: Partial<TaskStatus> = {}): TaskStatus =>
  Object.assign(newStatus('copy', 'shop', partition), {
    state: 'RUNNING',
    positions: [
      { topic: 'in', partition, next },
      { topic: 'models', partition: 0, next: 4 },
    ],
    ...rest,
  });

describe('what is told of tasks', () => {
  it('is what is committed at each source and not by the task, and the sum of it', async () => {
    const tasks = [at(0, 3), at(1, 20)];
    const { lags } = await toldOf(tasks);
    expect(lags.map(({ topic, partition, records }) => [topic, partition, records])).toEqual([
      ['in', 0, 7],
      ['models', 0, 1],
      ['in', 1, 0],
      ['models', 0, 1],
    ]);
    expect(tasks.map(({ lagRecords }) => lagRecords)).toEqual([8, 1]);
  });

  it('is how old event time and last commit are, and what a restore still has', async () => {
    const { progress } = await toldOf([
      at(0, 3, { watermark: NOW_MS - 60_000, progressAtMs: 3_000 }),
      at(1, 3, { state: 'RESTORING', restoreRemaining: 44, progressAtMs: 1_000 }),
    ]);
    expect(progress).toMatchObject([
      { partition: 0, watermarkLagMs: 60_000, commitAgeMs: 2_000, restoreRemaining: 0 },
      { partition: 1, watermarkLagMs: undefined, commitAgeMs: 4_000, restoreRemaining: 44 },
    ]);
  });

  it('is told while the log says nothing, but for what only the log knows', async () => {
    const tasks = [at(0, 3, { state: 'BACKING_OFF', lagRecords: 7, progressAtMs: 1_000 })];
    const { order, progress, lags } = await toldOf(tasks, { silent: ['in'] });
    expect(order).toEqual(['progress', 'asked']);
    expect(progress).toMatchObject([{ partition: 0, commitAgeMs: 4_000 }]);
    expect(lags).toMatchObject([
      { topic: 'in', partition: 0, records: undefined },
      { topic: 'models', partition: 0, records: undefined },
    ]);
    expect(tasks[0]?.lagRecords).toBeUndefined();
  });

  it('goes on for a stream when the log says nothing of the topics of another', async () => {
    const other: Topology = {
      ...COPY,
      stream: 'depot',
      sources: [{ topic: 'forbidden', kind: 'partitioned' }],
    };
    const tasks = [at(0, 3), Object.assign(newStatus('copy', 'depot', 0), { state: 'RUNNING' })];
    await toldOf(tasks, { topologies: [other, COPY], silent: ['forbidden'] });
    expect(tasks.map(({ lagRecords }) => lagRecords)).toEqual([8, undefined]);
  });

  it('is a commit of now for a task that runs and has all there is, and for no other', async () => {
    const idle = { isDrained: true, progressAtMs: 1_000 };
    const through = (next: number, rest: Partial<TaskStatus> = {}): TaskStatus => {
      const task = at(0, next, { ...idle, ...rest });
      task.positions = task.positions.map((one) =>
        one.topic === 'models' ? { ...one, next: 5 } : one,
      );
      return task;
    };
    const tasks = [
      through(10),
      ...[through(9), through(10, { isDrained: false }), through(10, { state: 'BACKING_OFF' })],
      // It has yet to read of the other source.
      at(0, 10, idle),
    ];
    await toldOf(tasks, { open: 0 });
    expect(tasks.map(({ progressAtMs }) => progressAtMs)).toEqual([
      5_000, 1_000, 1_000, 1_000, 1_000,
    ]);
    // Of an open transaction nobody knows what it holds: whoever waits for it is held up.
    const waiting = [through(10)];
    await toldOf(waiting, { open: 1 });
    expect(waiting[0]?.progressAtMs).toBe(1_000);
    // Nor does anybody know it of a log that does not answer.
    const asking = [through(10)];
    await toldOf(asking, { open: 0, silent: ['in'] });
    expect(asking[0]?.progressAtMs).toBe(1_000);
  });

  it('is nothing more once another worker has it', async () => {
    const tasks = [at(0, 3, { state: 'CLOSED', lagRecords: 7 }), at(1, 20)];
    const { lags, gone, states } = await toldOf(tasks);
    expect(gone.map(({ partition, positions }) => [partition, positions.length])).toEqual([[0, 2]]);
    expect(lags.every(({ topic, partition }) => topic === 'models' || partition === 1)).toBe(true);
    expect(tasks[0]?.lagRecords).toBeUndefined();
    expect(states).toEqual(['1 RUNNING', '1 CLOSED']);
  });

  it('is also how many partitions of a source have no task', async () => {
    expect((await toldOf([], { inEnds: [10, 20] })).unassigned).toEqual([0]);
    expect((await toldOf([], { inEnds: [10, 20, 0, 0, 0] })).unassigned).toEqual([3]);
  });
});
