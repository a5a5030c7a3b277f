import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../../../src/core/clock.ts';
import { seededRandom } from '../../../../src/core/random.ts';
import { systemDisk, type Disk } from '../../../../src/log/embedded/disk.ts';
import { openEmbeddedLog } from '../../../../src/log/embedded/embedded-log.ts';
import { appendAll, outgoing, topic, valuesOf } from '../../../contracts/log-harness.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';
import { crashed } from './damaged-folder.ts';
import { census, committed, TOPICS, torn } from './numbered-transactions.ts';

const TRANSACTIONS = 25;
const KEYS = 3;

/** A disk that tells before each change it makes, and once more half-way through each write. */
const observedDisk = (before: () => void): Disk => ({
  ...systemDisk,
  write(fd, chunks, position) {
    before();
    const bytes = Buffer.concat(chunks);
    const half = bytes.length >>> 1;
    systemDisk.write(fd, [bytes.subarray(0, half)], position);
    before();
    systemDisk.write(fd, [bytes.subarray(half)], position + half);
  },
  truncate(fd, bytes) {
    before();
    systemDisk.truncate(fd, bytes);
  },
  remove(path) {
    before();
    systemDisk.remove(path);
  },
});

interface CrashPoint {
  readonly folder: string;
  /** Transactions acknowledged by then. */
  readonly acknowledged: number;
  /** Whether cleanup had begun that leaves one record a key. */
  readonly started: number;
}

/** Runs one history of appends, syncs and compactions, and keeps the folder at each crash point. */
const crashPoints = async (root: string): Promise<readonly CrashPoint[]> => {
  const points: CrashPoint[] = [];
  const progress = { acknowledged: 0, started: 0 };
  const folder = join(root, 'log');
  const disk = observedDisk(() => {
    const copy = join(root, String(points.length));
    crashed(folder, copy);
    points.push({ folder: copy, ...progress });
  });
  const log = await openEmbeddedLog({
    folder,
    clock: systemClock,
    segmentBytesMax: 500,
    compactedSegmentBytesMax: 200,
    disk,
  });
  await log.ensureTopics([...TOPICS, topic('compacted', 1, { cleanup: 'compact' })]);
  const random = seededRandom('crash points');
  const producer = await log.producer('t');
  for (let number = 1; number <= TRANSACTIONS; number += 1) {
    progress.started = number;
    await committed(await producer.begin(), number, random);
    const key = Buffer.from(`${number % KEYS}`);
    await appendAll(log, [{ ...outgoing('compacted', 0, `${number}`), key }]);
    progress.acknowledged = number;
    if (number % 7 === 0) await log.sync();
    if (number % 10 === 0) await log.compact();
  }
  await log.close();
  return points;
};

describe('a crash of the embedded log', () => {
  it('before or inside any write, cut or removal leaves whole transactions', async () => {
    const points = await crashPoints(await temporaryFolder());
    for (const [point, { folder, acknowledged, started }] of points.entries()) {
      const log = await openEmbeddedLog({ folder, clock: systemClock });
      const counts = await census(log).catch(() => new Map());
      const hasTopics = (await log.topics()).length > 0;
      const last = new Map<number, number>();
      for (const value of hasTopics ? await valuesOf(log, 'compacted') : []) {
        last.set(Number(value) % KEYS, Number(value));
      }
      await log.close();
      const where = { point, of: points.length };
      expect({ ...where, torn: torn(counts) }).toEqual({ ...where, torn: [] });
      expect(counts.size, JSON.stringify(where)).toBeGreaterThanOrEqual(acknowledged);
      expect(counts.size, JSON.stringify(where)).toBeLessThanOrEqual(started);
      for (let number = acknowledged - KEYS + 1; number <= acknowledged; number += 1) {
        const found = last.get(number % KEYS) ?? 0;
        expect(found, JSON.stringify(where)).toBeGreaterThanOrEqual(Math.max(number, 0));
      }
    }
    expect(points.length).toBeGreaterThan(200);
  });
});
