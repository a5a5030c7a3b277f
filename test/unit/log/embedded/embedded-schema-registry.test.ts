import { appendFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { systemClock } from '../../../../src/core/clock.ts';
import { systemDisk, type Disk } from '../../../../src/log/embedded/disk.ts';
import { openEmbeddedLog } from '../../../../src/log/embedded/embedded-log.ts';
import * as embedded from '../../../../src/log/embedded/embedded-schema-registry.ts';
import { writeOwner } from '../../../../src/log/embedded/owner.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';
import { ForgetfulDevice } from './forgetful-device.ts';

const record = (name: string, ...fields: readonly object[]): string =>
  JSON.stringify({ type: 'record', name, fields });

const ONE = record('A', { name: 'a', type: 'long' });
const TWO = record('A', { name: 'a', type: 'long' }, { name: 'b', type: 'long', default: 0 });
const REFUSED = record('A', { name: 'a', type: 'string' });
const OTHER = record('B', { name: 'text', type: 'string', doc: 'ünï, 🙂' });

/** A folder whose log is open here. */
const ownedFolder = async (): Promise<string> => {
  const folder = await temporaryFolder();
  const log = await openEmbeddedLog({ folder, clock: systemClock });
  onTestFinished(() => log.close());
  return folder;
};

const open = async (folder: string, disk: Disk = systemDisk) => {
  const registry = await embedded.openEmbeddedSchemaRegistry({ folder, disk });
  onTestFinished(() => registry.close());
  return registry;
};

const fileOf = (folder: string): string => join(folder, 'schemas.jsonl');

const failing = (part: Partial<Disk>): Disk => ({ ...systemDisk, ...part });

describe('the schema registry of the embedded log', () => {
  it('gives the same ids and versions after it was opened again', async () => {
    const folder = await ownedFolder();
    const registry = await open(folder);
    const told = [
      await registry.register('a-value', ONE),
      await registry.register('a-value', TWO),
      await registry.register('b-value', OTHER),
      await registry.register('c-value', ONE),
    ];
    expect(told.map(({ id, version }) => [id, version])).toEqual([
      [1, 1],
      [2, 2],
      [3, 1],
      [1, 1],
    ]);
    await registry.close();

    const again = await open(folder);
    expect(await again.subjects()).toEqual(told.slice(1));
    expect(await again.versions('a-value')).toEqual(told.slice(0, 2));
    expect(await again.byId(3)).toEqual(told[2]);
    expect(await again.byId(4)).toBeUndefined();
    expect(await again.register('a-value', ONE)).toEqual(told[0]);
    const next = await again.register('d-value', record('D'));
    expect([next.id, next.version]).toEqual([4, 1]);
  });

  it('gives one id to a new schema that many ask for at once, and writes it once', async () => {
    const folder = await ownedFolder();
    const registry = await open(folder);
    const asked = Array.from({ length: 20 }, (_, index) =>
      registry.register(`${index % 2}-value`, ONE),
    );
    const ids = (await Promise.all(asked)).map(({ id, version }) => `${id}/${version}`);
    expect(new Set(ids)).toEqual(new Set(['1/1']));
    expect((await readFile(fileOf(folder), 'utf8')).trim().split('\n')).toHaveLength(2);
  });

  it('refuses a schema that cannot read an earlier version, and goes on', async () => {
    const folder = await ownedFolder();
    const registry = await open(folder);
    await registry.register('a-value', ONE);
    await expect(registry.register('a-value', REFUSED)).rejects.toMatchObject({
      code: 'SCHEMA_INCOMPATIBLE',
    });
    await expect(registry.register('a-value', 'no schema')).rejects.toMatchObject({
      code: 'SCHEMA_INVALID',
    });
    expect((await registry.register('a-value', TWO)).version).toBe(2);
    await registry.close();
    expect(await (await open(folder)).versions('a-value')).toHaveLength(2);
  });

  it('cuts a last line that is torn, wherever it is torn', async () => {
    const folder = await ownedFolder();
    const registry = await open(folder);
    const first = await registry.register('b-value', OTHER);
    const whole = await readFile(fileOf(folder));
    const second = await registry.register('a-value', ONE);
    await registry.close();
    const line = (await readFile(fileOf(folder))).subarray(whole.length);
    for (let length = 0; length < line.length; length += 1) {
      await writeFile(fileOf(folder), Buffer.concat([whole, line.subarray(0, length)]));
      const again = await open(folder);
      expect(await again.subjects()).toEqual([first]);
      expect(await readFile(fileOf(folder))).toEqual(whole);
      expect(await again.register('a-value', ONE)).toEqual(second);
      await again.close();
      expect((await readFile(fileOf(folder))).subarray(whole.length)).toEqual(line);
    }
  });

  it('cuts a last line of which the device kept only the end', async () => {
    const folder = await ownedFolder();
    await (await open(folder)).close();
    await appendFile(fileOf(folder), Buffer.from('\0\0\0\0","version":1}\n'));
    const again = await open(folder);
    expect(await again.subjects()).toEqual([]);
    expect((await again.register('a-value', ONE)).id).toBe(1);
  });

  it('refuses a damaged line before the last, since later ids rest on it', async () => {
    const folder = await ownedFolder();
    await writeFile(fileOf(folder), '{"id":1}\n{"id":2}\n');
    await expect(open(folder)).rejects.toMatchObject({ code: 'LOG_CORRUPT' });
    await expect(open(folder)).rejects.toThrow('line 1 of');
  });

  it('tells the same id after a kill between the write and the answer', async () => {
    const folder = await ownedFolder();
    let synced = 0;
    const neverAnswers = failing({
      sync: () => {
        synced += 1;
        return Promise.reject(new Error('killed'));
      },
    });
    const killed = await open(folder, neverAnswers);
    await expect(killed.register('a-value', ONE)).rejects.toMatchObject({ code: 'LOG_DISK' });
    expect(synced).toBe(1);
    // Nobody was told, so nobody may see it.
    expect(await killed.byId(1)).toBeUndefined();
    // As a kill leaves it: the line is in the file, and nothing was closed.
    const again = await open(folder);
    expect((await again.subjects()).map(({ id }) => id)).toEqual([1]);
    expect((await again.register('a-value', ONE)).id).toBe(1);
    expect((await again.register('b-value', OTHER)).id).toBe(2);
  });

  it('is on the device before it tells an id that an earlier process wrote in vain', async () => {
    const folder = await ownedFolder();
    const device = new ForgetfulDevice();
    device.failure = new Error('EIO: i/o error, fdatasync');
    const killed = await open(folder, device.disk);
    await expect(killed.register('a-value', ONE)).rejects.toMatchObject({ code: 'LOG_DISK' });
    device.failure = undefined;
    const again = await open(folder, device.disk);
    const told = await again.register('a-value', ONE);
    const copy = join(await temporaryFolder(), 'copy');
    device.cutPower(folder, copy);
    expect(await readFile(fileOf(copy), 'utf8')).toBe(`${JSON.stringify(told)}\n`);
  });

  it('is on the device before it tells an id', async () => {
    const folder = await ownedFolder();
    const steps: string[] = [];
    const watched = failing({
      write: (fd, chunks, position) => {
        steps.push('write');
        systemDisk.write(fd, chunks, position);
      },
      sync: async (fd) => {
        await systemDisk.sync(fd);
        steps.push('sync');
      },
    });
    const registry = await open(folder, watched);
    await registry.register('a-value', ONE);
    steps.push('told');
    await registry.register('a-value', ONE);
    expect(steps).toEqual(['write', 'sync', 'told']);
  });

  it('leaves nothing of a write that did not fit, and does it once there is room', async () => {
    const folder = await ownedFolder();
    let isFull = true;
    const disk = failing({
      write: (fd, chunks, position) => {
        if (!isFull) {
          systemDisk.write(fd, chunks, position);
          return;
        }
        systemDisk.write(fd, [Buffer.concat(chunks).subarray(0, -1)], position);
        throw new Error('ENOSPC: no space left');
      },
    });
    const registry = await open(folder, disk);
    await expect(registry.register('b-value', OTHER)).rejects.toMatchObject({
      code: 'LOG_DISK',
      retriable: true,
    });
    isFull = false;
    const next = await registry.register('c-value', record('C'));
    expect(next.id).toBe(1);
    expect(await readFile(fileOf(folder), 'utf8')).toBe(`${JSON.stringify(next)}\n`);
    expect((await registry.register('b-value', OTHER)).id).toBe(2);
    await registry.close();
    expect(await (await open(folder)).subjects()).toHaveLength(2);
  });

  it('refuses the folder of another process, by name', async () => {
    const folder = await ownedFolder();
    await writeOwner(folder, { pid: 1 });
    await expect(embedded.openEmbeddedSchemaRegistry({ folder })).rejects.toMatchObject({
      code: 'LOG_LOCKED',
    });
    await expect(embedded.openEmbeddedSchemaRegistry({ folder })).rejects.toThrow('process 1;');
  });

  it('refuses to be used once it is closed, after it finished what it had begun', async () => {
    const folder = await ownedFolder();
    const registry = await open(folder);
    const begun = registry.register('a-value', ONE);
    await registry.close();
    expect((await begun).id).toBe(1);
    await expect(registry.register('a-value', TWO)).rejects.toMatchObject({ code: 'LOG_CLOSED' });
    await expect(registry.byId(1)).rejects.toMatchObject({ code: 'LOG_CLOSED' });
  });
});
