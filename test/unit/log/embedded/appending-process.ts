import { writeSync } from 'node:fs';
import { systemClock } from '../../../../src/core/clock.ts';
import { seededRandom } from '../../../../src/core/random.ts';
import { openEmbeddedLog } from '../../../../src/log/embedded/embedded-log.ts';
import { appendAll, outgoing } from '../../../contracts/log-harness.ts';
import { committed, TOPICS } from './numbered-transactions.ts';

/** Appends transactions until it is killed; prints the number of each once it is committed. */
const run = async (folder: string): Promise<never> => {
  const log = await openEmbeddedLog({
    folder,
    clock: systemClock,
    segmentBytesMax: 20_000,
    compactedSegmentBytesMax: 2_000,
    maintenance: {
      everyMs: 5,
      onFailure: (error) => {
        throw error;
      },
    },
  });
  await log.ensureTopics([
    ...TOPICS,
    { name: 'compacted', partitions: 1, cleanup: 'compact' },
    { name: 'dropped', partitions: 1, cleanup: 'delete', retentionBytes: 5_000 },
  ]);
  const [position] = await log.groupOffsets('g');
  let number = position?.next ?? 0;
  const random = seededRandom(`child-${number}`);
  const producer = await log.producer('child');
  for (;;) {
    number += 1;
    await committed(await producer.begin(), number, random);
    writeSync(1, `${number}\n`);
    await appendAll(log, [
      { ...outgoing('compacted', 0, `${number}`), key: Buffer.from(`${number % 10}`) },
      outgoing('dropped', 0, 'x'.repeat(200)),
    ]);
    if (random.next() < 0.02) await log.sync();
    // Timers of maintenance and syncs get their turn.
    await new Promise((turn) => setImmediate(turn));
  }
};

await run(process.argv[2] ?? '');
