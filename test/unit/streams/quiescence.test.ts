import { beforeEach, describe, expect, it } from 'vitest';
import { quiescence } from '../../../src/streams/quiescence.ts';
import { newStatus, type TaskStatus } from '../../../src/streams/task-status.ts';

type Change = Partial<Pick<TaskStatus, 'state' | 'isDrained' | 'commits'>> & { next?: number };

const task = (topology: string, { next, ...rest }: Change): TaskStatus => ({
  ...newStatus(topology, 'shop', 0),
  state: 'RUNNING',
  positions: next === undefined ? [] : [{ topic: 'raw', partition: 0, next }],
  ...rest,
});

interface Seen {
  readonly broken: TaskStatus | undefined;
  readonly looks: number;
  readonly readAt: number;
}

/** How far the other task's source has come. */
let observed = 0;

/** Whether other workers have tasks. */
let haveOthers = false;

beforeEach(() => {
  observed = 0;
  haveOthers = false;
});

/** Shows quiescence one set of statuses after the other, the last for ever. */
const watch = async (...looks: readonly (readonly TaskStatus[])[]): Promise<Seen> => {
  let look = 0;
  let readAt = -1;
  const broken = await quiescence({
    tasks: () => looks[Math.min(look, looks.length - 1)] ?? [],
    taskCount: 2,
    refuseOthers: async () => {
      if (haveOthers) throw new Error(`others have tasks at look ${look}`);
    },
    isEntry: ({ topology }) => topology === 'ingest',
    ends: [{ topic: 'raw', partition: 0, end: 10 }],
    endsNow: async (topics) => topics.map((topic) => ({ topic, partition: 0, end: observed })),
    onRead: () => {
      readAt = look;
    },
    pause: async () => {
      look += 1;
      if (look > 100) throw new Error('never quiet');
    },
  });
  return { broken, looks: look, readAt };
};

const read = task('ingest', { next: 10 });
const drained = task('forecasting', { isDrained: true });

describe('a run until idle', () => {
  it('ends after three looks at which nothing changed', async () => {
    expect(await watch([read, drained])).toEqual({ broken: undefined, looks: 4, readAt: 0 });
  });

  it('waits until the sources are read to their ends', async () => {
    const { readAt } = await watch(
      [task('ingest', { next: 9 }), drained],
      [task('ingest', { next: 10, state: 'BACKING_OFF' }), drained],
      [task('ingest', {}), drained],
      [read, drained],
    );
    expect(readAt).toBe(3);
  });

  it('waits until every task runs, so that none is overlooked at the start', async () => {
    const { readAt, looks } = await watch([], [read], [read, drained]);
    expect(readAt).toBe(2);
    expect(looks).toBe(5);
  });

  it('fails where others have what is missing here, or what was lost', async () => {
    haveOthers = true;
    await expect(watch([read])).rejects.toThrow('others have tasks at look 19');
    const lost = task('forecasting', { state: 'CLOSED', isDrained: true });
    await expect(watch([read, lost])).rejects.toThrow('others have tasks at look 19');
    // Nobody is asked while all are here, however long they take.
    await expect(watch([read, task('forecasting', {})])).rejects.toThrow('never quiet');
  });

  it('waits for who has not read what others wrote, however quiet it is', async () => {
    observed = 5;
    const at = (next: number): TaskStatus => ({
      ...drained,
      positions: [{ topic: 'observed', partition: 0, next }],
    });
    const { looks } = await watch(
      ...Array.from({ length: 12 }, () => [read, at(4)]),
      ...[[read, at(5)]],
    );
    expect(looks).toBeGreaterThan(12);
  });

  it('begins to count again when anything is committed or left to do', async () => {
    const busy = task('forecasting', { isDrained: false });
    const { looks } = await watch(
      [read, drained],
      [read, drained],
      [read, busy],
      [read, task('forecasting', { isDrained: true, commits: 1 })],
    );
    expect(looks).toBe(7);
  });

  it('ends at once with the task that halted', async () => {
    const halted = task('forecasting', { state: 'HALTED' });
    expect((await watch([read, drained], [read, halted])).broken).toBe(halted);
  });
});
