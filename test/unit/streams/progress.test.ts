import { describe, expect, it } from 'vitest';
import { offset } from '../../../src/log/offset.ts';
import { noMetrics, type TaskMetrics } from '../../../src/streams/metrics.ts';
import { tellProgress } from '../../../src/streams/progress.ts';
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

const ends = (...stableEnds: readonly number[]) =>
  stableEnds.map((stableEnd) => ({
    ...{ start: offset(0), stableEnd: offset(stableEnd) },
    // An open transaction: nobody can read that yet.
    end: offset(stableEnd + 100),
  }));

interface Told {
  readonly lags: Parameters<TaskMetrics['lag']>[0][];
  readonly progress: Parameters<TaskMetrics['progress']>[0][];
  readonly gone: Parameters<TaskMetrics['gone']>[0][];
  readonly unassigned: number[];
  readonly states: string[];
}

/** What is told of tasks whose sources end at 10 and 20, and at 5. */
const toldOf = async (
  tasks: readonly TaskStatus[],
  inEnds: readonly number[] = [10, 20],
): Promise<Told> => {
  const told: Told = { lags: [], progress: [], gone: [], unassigned: [], states: [] };
  const all = new Map([
    ['in', ends(...inEnds)],
    ['models', ends(5)],
  ]);
  await tellProgress({
    log: {
      offsetsOf: (names) =>
        Promise.resolve(names.map((topic) => ({ topic, offsets: all.get(topic) ?? [] }))),
    },
    clock: { now: () => NOW_MS, monotonic: () => 5_000 },
    topologies: [COPY],
    tasks: () => tasks,
    metrics: {
      ...noMetrics,
      lag: (one) => told.lags.push(one),
      progress: (one) => told.progress.push(one),
      gone: (one) => told.gone.push(one),
      unassigned: ({ partitions }) => told.unassigned.push(partitions),
      tasks: ({ state, count }) => {
        if (count > 0) told.states.push(`${count} ${state}`);
      },
    },
    everyMs: 1,
  });
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

  it('is nothing more once another worker has it', async () => {
    const tasks = [at(0, 3, { state: 'CLOSED', lagRecords: 7 }), at(1, 20)];
    const { lags, gone, states } = await toldOf(tasks);
    expect(gone.map(({ partition, positions }) => [partition, positions.length])).toEqual([[0, 2]]);
    expect(lags.every(({ topic, partition }) => topic === 'models' || partition === 1)).toBe(true);
    expect(tasks[0]?.lagRecords).toBeUndefined();
    expect(states).toEqual(['1 RUNNING', '1 CLOSED']);
  });

  it('is also how many partitions of a source have no task', async () => {
    expect((await toldOf([], [10, 20])).unassigned).toEqual([0]);
    expect((await toldOf([], [10, 20, 0, 0, 0])).unassigned).toEqual([3]);
  });
});
