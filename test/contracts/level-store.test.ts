import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { levelStoreFolder } from '../../src/state/level/level-store.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { storeContract } from './store-contract.ts';

storeContract('the level store', async () => levelStoreFolder(await temporaryFolder()));

describe('the level store on a disk that others wrote to', () => {
  const path = ['stream', 'topology', '0'];

  it('refuses a folder of another format, and says what to do', async () => {
    const root = await temporaryFolder();
    await writeFile(join(root, 'format'), '0\n');
    await expect(levelStoreFolder(root).open(path)).rejects.toMatchObject({
      code: 'STATE_FORMAT',
      message: expect.stringContaining('delete the folder') as string,
    });
  });

  it('marks its folder once, however many stores are opened at the same time', async () => {
    const root = await temporaryFolder();
    const stores = levelStoreFolder(root);
    const opened = await Promise.all(
      Array.from({ length: 24 }, (_, task) => stores.open(['stream', 'topology', String(task)])),
    );
    await Promise.all(opened.map((store) => store.close()));
    expect(await readFile(join(root, 'format'), 'utf8')).toBe('2\n');
    expect(await readdir(root)).not.toContain('format.part');
  });

  it('moves a folder aside that it cannot open, and starts empty', async () => {
    const root = await temporaryFolder();
    const stores = levelStoreFolder(root);
    const store = await stores.open(path);
    await store.write([{ key: 'a@1/0/x', value: Buffer.from('1') }], {
      checkpoint: Buffer.from('c'),
    });
    await store.close();
    const folder = join(root, ...path);
    await writeFile(join(folder, 'CURRENT'), 'nonsense');
    const fresh = await stores.open(path);
    expect(await fresh.checkpoint()).toBeUndefined();
    await fresh.close();
    expect(await readdir(join(root, 'stream', 'topology'))).toContain('0.aside-1');
  });

  it('says so, retriably, when another owner has it open', async () => {
    const stores = levelStoreFolder(await temporaryFolder());
    const store = await stores.open(path);
    await expect(stores.open(path)).rejects.toMatchObject({
      code: 'STATE_LOCKED',
      retriable: true,
    });
    await store.close();
  });
});
