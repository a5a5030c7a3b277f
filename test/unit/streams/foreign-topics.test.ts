import { map } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { LogError } from '../../../src/log/errors.ts';
import { offsetsAmong } from '../../../src/log/offsets-among.ts';
import { recordsOf, withContent } from '../../../src/streams/batch.ts';
import type { Topology } from '../../../src/streams/topology.ts';
import { oneTask } from './one-task.ts';

const OUT = 'shop.out';

const copying: Topology = {
  name: 'copy',
  stream: 'shop',
  summary: 'copies',
  frequency: '1h',
  sources: [{ topic: 'in', kind: 'partitioned' }],
  stores: [],
  sinks: [{ name: OUT, partitions: 1, cleanup: 'keep' }],
  partitions: 1,
  start: () => ({
    process: map((batch) => {
      for (const { key, value } of recordsOf(batch.content, 'in')) {
        batch.outbox.records.add({ topic: OUT, partition: 0, key, value });
      }
      return withContent(batch, undefined);
    }),
  }),
};

describe('a worker beside topics of others', () => {
  it('begins and goes on where one of them cannot be described', async () => {
    const task = oneTask();
    const { log } = task;
    await log.ensureTopics([{ name: 'in', partitions: 1, cleanup: 'keep' }]);
    const all = log.topics.bind(log);
    Object.assign(log, {
      offsetsOf: async (names: readonly string[]) => offsetsAmong(await all(), names),
      topics: async () => {
        throw new LogError('LOG_UNAUTHORIZED', 'a topic of others cannot be described');
      },
    });
    task.append('in', ['a', 'b']);
    const worker = await task.start({ topology: copying });
    await task.until(() => task.values(OUT).length === 2);
    await worker.stop();
    task.append('in', ['c']);
    await task.start({ topology: copying });
    await task.until(() => task.values(OUT).length === 3);
    expect(task.values(OUT)).toEqual(['a', 'b', 'c']);
    expect(task.failures).toEqual([]);
  });
});
