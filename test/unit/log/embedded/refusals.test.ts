import { readdirSync, statSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, it, onTestFinished } from 'vitest';
import { systemClock } from '../../../../src/core/clock.ts';
import { systemDisk, type Disk } from '../../../../src/log/embedded/disk.ts';
import { openEmbeddedLog, type EmbeddedLog } from '../../../../src/log/embedded/embedded-log.ts';
import { readOwner } from '../../../../src/log/embedded/owner.ts';
import { offset } from '../../../../src/log/offset.ts';
import { appendAll, outgoing, topic, valuesOf } from '../../../contracts/log-harness.ts';
import { CAN_LIMIT_FILES, withFileLimit } from '../../../support/file-limit.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';
import { crashed } from './damaged-folder.ts';

const CHILD = join(import.meta.dirname, 'appending-process.ts');

const open = async (folder: string, disk: Disk = systemDisk): Promise<EmbeddedLog> => {
  const log = await openEmbeddedLog({ folder, clock: systemClock, disk });
  onTestFinished(() => log.close());
  return log;
};

const noSpace = (): Error => Object.assign(new Error('ENOSPC: no space left'), { code: 'ENOSPC' });

/** A disk with room for so many more bytes; it writes what fits and then fails. */
const fullDisk = (): Disk & { room: number } => ({
  ...systemDisk,
  room: Number.POSITIVE_INFINITY,
  write(fd, chunks, position) {
    const bytes = Buffer.concat(chunks);
    systemDisk.write(fd, [bytes.subarray(0, Math.min(bytes.length, this.room))], position);
    if (bytes.length > this.room) throw noSpace();
    this.room -= bytes.length;
  },
});

describe('the embedded log refuses', () => {
  it('a second process on its folder, and names the first one', async () => {
    const folder = await temporaryFolder();
    const child = spawn(process.execPath, ['--import', 'tsx', CHILD, folder], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    onTestFinished(() => {
      child.kill('SIGKILL');
    });
    await once(createInterface({ input: child.stdout }), 'line');
    await expect(open(folder)).rejects.toMatchObject({ code: 'LOG_LOCKED' });
    await expect(open(folder)).rejects.toThrow(`process ${child.pid};`);
    child.kill('SIGKILL');
    await once(child, 'exit');
    await open(folder);
    expect((await readOwner(folder))?.pid).toBe(process.pid);
  });

  it('a second opening in the same process', async () => {
    const folder = await temporaryFolder();
    await open(folder);
    await expect(open(folder)).rejects.toMatchObject({ code: 'LOG_LOCKED' });
    await expect(open(folder)).rejects.toThrow(`process ${process.pid};`);
  });

  it('a folder in another format', async () => {
    const folder = await temporaryFolder();
    await (await open(folder)).close();
    await writeFile(join(folder, 'format'), '3\n');
    await expect(open(folder)).rejects.toMatchObject({ code: 'LOG_FORMAT' });
  });

  it('a commit that does not fit on the disk, whole, and goes on when there is room', async () => {
    const folder = await temporaryFolder();
    const disk = fullDisk();
    const log = await open(folder, disk);
    await log.ensureTopics([topic('a', 1), topic('b', 1)]);
    await appendAll(log, [outgoing('a', 0, 'before'), outgoing('b', 0, 'before')]);
    const records = [outgoing('a', 0, 'x'.repeat(300)), outgoing('b', 0, 'x'.repeat(300))];
    const needed = 2 * 345 + 60;
    let refused = 0;
    for (let room = 0; room < needed; room += 7) {
      disk.room = room;
      const failure = appendAll(log, records).then(
        () => 'committed',
        (error: unknown) => error,
      );
      if ((await failure) === 'committed') break;
      expect(await failure).toMatchObject({ code: 'LOG_DISK', retriable: true });
      refused += 1;
      expect(await valuesOf(log, 'a')).toEqual(['before']);
      expect(await valuesOf(log, 'b')).toEqual(['before']);
    }
    expect(refused).toBeGreaterThan(90);
    disk.room = Number.POSITIVE_INFINITY;
    const kept = (await valuesOf(log, 'a')).length;
    await appendAll(log, [outgoing('a', 0, 'after')]);
    await log.close();
    const again = await open(folder);
    const values = await valuesOf(again, 'a');
    expect(values).toHaveLength(kept + 1);
    expect(values.at(-1)).toBe('after');
    expect(await valuesOf(again, 'b')).toHaveLength(kept);
  });
});

/** The journal that LevelDB appends to just now. */
const journalOf = (folder: string): string => {
  const index = join(folder, 'index');
  return join(
    index,
    readdirSync(index)
      .filter((name) => name.endsWith('.log'))
      .at(-1) ?? '',
  );
};

describe.runIf(CAN_LIMIT_FILES)('a position that a group commits while a sync mark fails', () => {
  it('is not what it was before, now or after a restart', async () => {
    const folder = await temporaryFolder();
    let next = 1;
    const commit = async (): Promise<void> => {
      const transaction = await (await log.producer('t')).begin();
      const position = { topic: 'a', partition: 0, next: offset(next) };
      const groups = next === 1 ? ['g', 'once'] : ['g'];
      await transaction.send([outgoing('a', 0, 'x')]);
      await transaction.commitOffsets(groups.map((group) => ({ group, ...position })));
      await transaction.commit();
      next += 1;
    };
    let isFailing = false;
    const log: EmbeddedLog = await open(folder, {
      ...systemDisk,
      sync: async (fd) => {
        await systemDisk.sync(fd);
        if (!isFailing) return;
        isFailing = false;
        await commit();
      },
    });
    await log.ensureTopics([topic('a', 1)]);
    await commit();
    isFailing = true;
    await withFileLimit(statSync(journalOf(folder)).size + 20, async () => {
      await expect(log.sync()).rejects.toMatchObject({ code: 'LOG_DISK', retriable: true });
    });
    expect(next).toBe(3);
    expect(await log.groupOffsets('g')).toMatchObject([{ next: 2 }]);
    await log.sync();
    await log.close();
    const again = await open(folder);
    expect(await again.groupOffsets('g')).toMatchObject([{ next: 2 }]);
    expect(await again.groupOffsets('once')).toMatchObject([{ next: 1 }]);
  });
});

describe.runIf(CAN_LIMIT_FILES)('an embedded log whose index finds no room', () => {
  it('is not called damaged, and is whole when there is room again', async () => {
    const folder = await temporaryFolder();
    const log = await open(folder);
    await log.ensureTopics([topic('a', 1)]);
    await appendAll(log, [outgoing('a', 0, 'kept')]);
    await log.close();
    for (const times of [1, 2]) {
      const failure = await withFileLimit(8, () => open(folder).catch((error: unknown) => error));
      expect(failure, `at open ${times}`).toMatchObject({ code: 'LOG_DISK', retriable: true });
      expect(String(failure)).toMatch(/make room on the disk or raise that limit \(.*too large/i);
    }
    expect(await valuesOf(await open(folder), 'a')).toEqual(['kept']);
  });

  it('keeps what it wrote after a write that was torn, and its folder meanwhile', async () => {
    const folder = await temporaryFolder();
    const log = await open(folder);
    await log.ensureTopics([topic('before', 1)]);
    await withFileLimit(statSync(journalOf(folder)).size + 20, async () => {
      await expect(log.ensureTopics([topic('torn', 1)])).rejects.toMatchObject({
        code: 'LOG_DISK',
      });
    });
    await withFileLimit(8, async () => {
      await expect(log.ensureTopics([topic('torn', 1)])).rejects.toMatchObject({
        code: 'LOG_DISK',
      });
    });
    await expect(open(folder)).rejects.toMatchObject({ code: 'LOG_LOCKED' });
    await log.ensureTopics([topic('after', 1)]);
    await appendAll(log, [outgoing('after', 0, 'kept')]);
    await log.sync();
    const copy = join(await temporaryFolder(), 'copy');
    crashed(folder, copy);
    const again = await open(copy);
    const names = (await again.topics()).map(({ definition }) => definition.name);
    expect(names.sort()).toEqual(['after', 'before']);
    expect(await valuesOf(again, 'after')).toEqual(['kept']);
  });
});

describe('the owner of an embedded log', () => {
  it('says how to reach it, until it closes', async () => {
    const folder = await temporaryFolder();
    const log = await open(folder);
    expect(await readOwner(folder)).toEqual({ pid: process.pid });
    await log.announce({ address: 'http://127.0.0.1:8000', token: 'secret' });
    expect(await readOwner(folder)).toEqual({
      pid: process.pid,
      address: 'http://127.0.0.1:8000',
      token: 'secret',
    });
    await log.close();
    expect(await readOwner(folder)).toBeUndefined();
  });
});
