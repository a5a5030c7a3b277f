import { concatMap } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { withContent } from '../../../src/streams/batch.ts';
import { GroupPositions } from '../../../src/streams/group-positions.ts';
import type { Topology } from '../../../src/streams/topology.ts';
import { oneTask } from './one-task.ts';

const reading: Topology = {
  name: 'read',
  stream: 'shop',
  summary: 'reads',
  sources: [{ topic: 'in', kind: 'partitioned' }],
  stores: [],
  sinks: [],
  partitions: 1,
  start: () => ({ process: concatMap(async (batch) => withContent(batch, undefined)) }),
};

describe('positions of a consumer group', () => {
  it('are due with the first commit, and then once a second', () => {
    let nowMs = 5;
    const positions = new GroupPositions({ now: () => nowMs, monotonic: () => nowMs });
    expect(positions.areDue).toBe(true);
    positions.committed(true);
    nowMs += 999;
    expect(positions.areDue).toBe(false);
    positions.committed(false);
    expect(positions.areBehind).toBe(true);
    nowMs += 1;
    expect(positions.areDue).toBe(true);
    positions.committed(true);
    expect(positions.areBehind).toBe(false);
  });

  it('are told at once where a task finds nothing more, not with each commit', async () => {
    const task = oneTask();
    await task.log.ensureTopics([{ name: 'in', partitions: 1, cleanup: 'keep' }]);
    task.append(
      'in',
      Array.from({ length: 64 }, (_, index) => `${index}`),
    );
    let told = 0;
    task.fault = ({ call, moment }) => {
      if (call === 'commitOffsets' && moment === 'after') told += 1;
    };
    const worker = await task.start({ topology: reading, limits: { batchRecordsMax: 4 } });
    await task.until(() => worker.tasks[0]?.isDrained === true);
    expect(task.commits.filter(({ records }) => records > 0)).toHaveLength(16);
    // With the first commit and behind the last; by the system's clock one more may be due.
    expect(told).toBeGreaterThanOrEqual(2);
    expect(told).toBeLessThan(8);
    const { stableEnd } = await task.log.offsets('in', 0);
    expect(await task.log.groupOffsets('test.shop.read')).toMatchObject([{ next: stableEnd }]);
  });
});
