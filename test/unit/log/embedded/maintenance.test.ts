import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { systemClock } from '../../../../src/core/clock.ts';
import { systemDisk } from '../../../../src/log/embedded/disk.ts';
import {
  openEmbeddedLog,
  type EmbeddedLog,
  type EmbeddedLogOptions,
} from '../../../../src/log/embedded/embedded-log.ts';
import { FIRST_OFFSET } from '../../../../src/log/offset.ts';
import { appendAll, outgoing, readAll, topic, until } from '../../../contracts/log-harness.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';

const open = async (options: Omit<EmbeddedLogOptions, 'clock'>): Promise<EmbeddedLog> => {
  const log = await openEmbeddedLog({ clock: systemClock, tailBytesMax: 0, ...options });
  onTestFinished(() => log.close());
  return log;
};

const KEYS = 6;
const SEGMENT = { compactedSegmentBytesMax: 8 << 20 };

/** A folder with many megabytes to compact, which takes some turns of the event loop. */
const toCompact = async (): Promise<string> => {
  const folder = await temporaryFolder();
  const log = await open({ folder, ...SEGMENT });
  await log.ensureTopics([topic('c', 1, { cleanup: 'compact' })]);
  for (let count = 0; count < 60; count += 1) {
    const key = Buffer.from(`${count % KEYS}`);
    await appendAll(log, [{ ...outgoing('c', 0, 'x'.repeat(900_000)), key }]);
  }
  await log.close();
  return folder;
};

/** A disk that counts reads. */
const counting = () => {
  const disk = {
    ...systemDisk,
    reads: 0,
    read: (...given: Parameters<typeof systemDisk.read>) => {
      disk.reads += 1;
      return systemDisk.read(...given);
    },
  };
  return disk;
};

const segmentsOf = (folder: string): readonly string[] =>
  readdirSync(join(folder, 'topics', 'c', '0'));

describe('maintenance of an embedded log', () => {
  it('ends with the log amid a compaction, and leaves nothing half-written', async () => {
    const disk = counting();
    const whole = await open({ folder: await toCompact(), disk, ...SEGMENT });
    disk.reads = 0;
    await whole.maintain();
    const { reads } = disk;

    const folder = await toCompact();
    const failures: unknown[] = [];
    const maintenance = { everyMs: 1, onFailure: (error: unknown) => failures.push(error) };
    const cut = await open({ folder, disk, maintenance, ...SEGMENT });
    disk.reads = 0;
    // Behind the look for the last records, amid the rewriting.
    await until(() => disk.reads > 0.6 * reads);
    await cut.close();
    expect(disk.reads).toBeLessThan(0.9 * reads);
    expect(failures).toEqual([]);
    const left = segmentsOf(folder);
    const again = await open({ folder, ...SEGMENT });
    expect(segmentsOf(folder)).toEqual(left);
    const { records } = await readAll(again.reader('c', 0, FIRST_OFFSET));
    expect(new Set(records.map(({ key }) => key?.toString())).size).toBe(KEYS);
  });

  it('tells of each round that fails', async () => {
    const failures: unknown[] = [];
    let isBusy = false;
    const log = await open({
      folder: await temporaryFolder(),
      disk: {
        ...systemDisk,
        syncFolder: async (path) => {
          // As where all descriptors are taken: nothing was asked of the device yet.
          if (isBusy) throw Object.assign(new Error('EMFILE'), { code: 'EMFILE', syscall: 'open' });
          await systemDisk.syncFolder(path);
        },
      },
      maintenance: { everyMs: 1, onFailure: (error) => failures.push(error) },
    });
    await log.ensureTopics([topic('a', 1)]);
    isBusy = true;
    await appendAll(log, [outgoing('a', 0, 'x')]);
    await until(() => failures.length > 1);
    isBusy = false;
    expect(failures[0]).toMatchObject({ code: 'LOG_DISK', retriable: true });
    await log.sync();
  });
});
