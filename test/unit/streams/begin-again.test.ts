import { concatMap } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { LogError } from '../../../src/log/errors.ts';
import { withContent } from '../../../src/streams/batch.ts';
import { isReplayMarker } from '../../../src/streams/replay-marker.ts';
import type { Topology } from '../../../src/streams/topology.ts';
import { isWatermark } from '../../../src/streams/watermarks.ts';
import { oneTask } from './one-task.ts';

const reader = (sinks: readonly string[] = []): Topology => ({
  name: 'read',
  stream: 'shop',
  summary: 'reads',
  sources: [{ topic: 'in', kind: 'partitioned' }],
  stores: [],
  sinks: sinks.map((name) => ({ name, partitions: 1, cleanup: 'keep' })),
  partitions: 1,
  start: () => ({ process: concatMap(async (batch) => withContent(batch, undefined)) }),
});

const running = async () => {
  const task = oneTask();
  await task.log.ensureTopics([{ name: 'in', partitions: 1, cleanup: 'keep' }]);
  task.append('in', ['a', 'b', 'c']);
  const worker = await task.start({ topology: reader() });
  await task.until(() => task.commits.some(({ records }) => records > 0));
  return { task, worker };
};

const fromStart = () => [{ topic: 'in', partition: 0, next: 0 }];

describe('beginning again in place', () => {
  it('lets nobody go on before all of them know where, and can be done once more', async () => {
    const { task, worker } = await running();
    await worker.stop();
    task.fault = ({ call, moment, subject }) => {
      if (call === 'begin' && moment === 'before' && subject.endsWith('.replay')) {
        throw new LogError('LOG_UNREACHABLE', 'gone', { retriable: true });
      }
    };
    await expect(task.beginAgain(reader(), fromStart)).rejects.toThrow('gone');
    task.fault = undefined;
    const halting = await task.start({ topology: reader() });
    await task.until(() => halting.tasks[0]?.state === 'HALTED');
    expect(task.failures[0]).toMatchObject({
      code: 'TASK_REPLAY_UNFINISHED',
      message: expect.stringContaining('run `tidecast replay --in-place` once more') as unknown,
    });
    await halting.stop();
    const before = task.commits.length;
    await task.beginAgain(reader(), fromStart);
    await task.start({ topology: reader() });
    await task.until(() => task.commits.slice(before).some(({ records }) => records === 3));
  });

  it('fences a task that runs, which begins again with its next life', async () => {
    const { task } = await running();
    const before = task.commits.length;
    await task.beginAgain(reader(), fromStart);
    task.append('in', ['d']);
    await task.until(() => task.commits.slice(before).some(({ records }) => records === 4));
    expect(task.failures).toMatchObject([{ code: 'LOG_FENCED' }]);
  });

  it('leaves a marker in what lies between two of them, which passes for a watermark', async () => {
    const { task, worker } = await running();
    await worker.stop();
    await task.beginAgain(reader(['in', 'out']), () => []);
    const [marker] = task.log.snapshot('in').slice(-1);
    if (marker === undefined) throw new Error('there are records');
    expect([isWatermark(marker), isReplayMarker(marker)]).toEqual([true, true]);
    const before = task.commits.length;
    task.append('in', ['d']);
    await task.start({ topology: reader() });
    await task.until(() => task.commits.slice(before).some(({ records }) => records > 0));
    expect(task.commits.slice(before).map(({ records }) => records)).toContain(1);
    expect(task.commits.slice(before).map(({ records }) => records)).not.toContain(4);
  });
});
