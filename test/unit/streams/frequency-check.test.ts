import { concatMap } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { withContent } from '../../../src/streams/batch.ts';
import type { Topology } from '../../../src/streams/topology.ts';
import { oneTask, type OneTask } from './one-task.ts';

/** Two tasks that number periods, of which only the second one has records. */
const numbering = (frequency?: string): Topology => ({
  name: 'number',
  stream: 'shop',
  summary: 'numbers periods',
  sources: [{ topic: 'in', kind: 'partitioned' }],
  stores: [],
  sinks: [],
  partitions: 2,
  ...(frequency === undefined ? {} : { frequency }),
  start: () => ({ process: concatMap(async (batch) => withContent(batch, undefined)) }),
});

const CHANGELOG = 'test.shop.number.changelog';

const hasRun = async (topology: Topology): Promise<OneTask> => {
  const task = oneTask();
  await task.log.ensureTopics([{ name: 'in', partitions: 2, cleanup: 'keep' }]);
  task.log.append('in', 1, [{ key: null, value: Buffer.from('a') }]);
  const worker = await task.start({ topology });
  await task.until(() => task.commits.some(({ records }) => records > 0));
  await worker.stop();
  return task;
};

const size = async ({ log }: OneTask): Promise<number> => {
  const [found] = await log.offsetsOf([CHANGELOG]);
  return (found?.offsets ?? []).reduce((sum, { end }) => sum + end, 0);
};

describe('a frequency that has changed', () => {
  it.each(['2h', '30m', '1d', '7d', '1mo'])(
    'is refused before anything is written, with what to do: %s',
    async (frequency) => {
      const task = await hasRun(numbering('1h'));
      const before = await size(task);
      await expect(task.start({ topology: numbering(frequency) })).rejects.toMatchObject({
        code: 'TASK_FREQUENCY_CHANGED',
        retriable: false,
        message: expect.stringMatching(
          /periods of 1h.*streams\.shop\.frequency back to 1h.*replay --to start/,
        ) as unknown,
      });
      expect(await size(task)).toBe(before);
    },
  );

  it('is none where it is only written in another way', async () => {
    const task = await hasRun(numbering('1h'));
    await task.start({ topology: numbering('60m') });
    expect(task.failures).toEqual([]);
  });

  it('is none where nothing is known of it', async () => {
    const task = await hasRun(numbering());
    await task.start({ topology: numbering('1h') });
    expect(task.failures).toEqual([]);
  });

  it('is taken by an application that begins again in place', async () => {
    const task = await hasRun(numbering('1h'));
    await task.beginAgain(numbering('2h'), (partition) => [{ topic: 'in', partition, next: 0 }]);
    const before = task.commits.length;
    const worker = await task.start({ topology: numbering('2h') });
    await task.until(() => task.commits.slice(before).some(({ records }) => records > 0));
    await worker.stop();
    await expect(task.start({ topology: numbering('1h') })).rejects.toThrow('periods of 2h');
    expect(task.failures).toEqual([]);
  });

  it('halts a task whose last commit lies too far back for the start to see it', async () => {
    const task = await hasRun(numbering('1h'));
    const claim = { key: Buffer.from('claim'), value: Buffer.from('c') };
    for (const partition of [0, 1]) {
      task.log.append(
        CHANGELOG,
        partition,
        Array.from({ length: 17_000 }, () => claim),
      );
    }
    const { tasks } = await task.start({ topology: numbering('2h') });
    await task.until(() => tasks.length === 2 && tasks.every(({ state }) => state === 'HALTED'));
    expect(task.failures[0]).toMatchObject({ code: 'TASK_FREQUENCY_CHANGED' });
  });
});
