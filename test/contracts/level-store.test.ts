import { cp, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { levelStoreFolder, placeOfStores } from '../../src/state/level/level-store.ts';
import { CAN_LIMIT_FILES, withFileLimit } from '../support/file-limit.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { storeContract } from './store-contract.ts';

storeContract('the level store', async () => levelStoreFolder(await temporaryFolder()));

describe('the level store on a disk that others wrote to', () => {
  const path = ['stream', 'topology', '0'];

  it('keeps its own beside those of another format, and finds them again', async () => {
    const root = join(await temporaryFolder(), 'stores');
    await mkdir(join(root, ...path), { recursive: true });
    await writeFile(join(root, 'format'), '0\n');
    await writeFile(join(root, ...path, 'CURRENT'), 'of another kind');
    const store = await levelStoreFolder(root).open(path);
    expect(await store.checkpoint()).toBeUndefined();
    await store.write([], { checkpoint: Buffer.from('c') });
    await store.close();
    const again = await levelStoreFolder(root).open(path);
    expect(String(await again.checkpoint())).toBe('c');
    await again.close();
    expect(await placeOfStores(root)).toBe(`${root}-2`);
    expect(await readFile(join(`${root}-2`, 'format'), 'utf8')).toBe('2\n');
    expect(await readdir(join(root, ...path))).toEqual(['CURRENT']);
    expect(await readFile(join(root, 'format'), 'utf8')).toBe('0\n');
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

  it.each(['start', 'end'])(
    'says that a table is damaged at its %s once it is read',
    async (at) => {
      const root = await temporaryFolder();
      const stores = levelStoreFolder(root);
      const store = await stores.open(path);
      const entries = Array.from({ length: 100 }, (_, index) => {
        return { key: `a@1/0/${index}`, value: Buffer.alloc(100, index) };
      });
      await store.write(entries, { checkpoint: Buffer.from('c') });
      await store.close();
      // What lay in the journal becomes a table.
      await (await stores.open(path)).close();
      const folder = join(root, ...path);
      const [table] = (await readdir(folder)).filter((name) => name.endsWith('.ldb'));
      const file = join(folder, table ?? '');
      const bytes = await readFile(file);
      const half = bytes.length >> 1;
      await writeFile(file, at === 'start' ? bytes.fill(0xa5, 0, half) : bytes.fill(0xa5, half));
      const damaged = await stores.open(path);
      const all = async (): Promise<void> => {
        for await (const [key] of damaged.entries()) expect(key).toMatch(/^a@1/);
      };
      const said = {
        code: 'STATE_CORRUPT',
        message: expect.stringContaining(`${folder} is damaged`) as unknown,
      };
      await expect(damaged.checkpoint()).rejects.toMatchObject(said);
      await expect(all()).rejects.toMatchObject(said);
      await damaged.close();
    },
  );

  it('says so, retriably, when another owner has it open', async () => {
    const stores = levelStoreFolder(await temporaryFolder());
    const store = await stores.open(path);
    await expect(stores.open(path)).rejects.toMatchObject({
      code: 'STATE_LOCKED',
      retriable: true,
    });
    await store.close();
  });

  it.runIf(CAN_LIMIT_FILES)('keeps what is written after a write that was torn', async () => {
    const root = await temporaryFolder();
    const store = await levelStoreFolder(root).open(path);
    const write = (key: string): Promise<void> =>
      store.write([{ key, value: Buffer.from('x'.repeat(200)) }], {
        checkpoint: Buffer.from(key),
      });
    await write('a@1/0/x');
    for (const bytes of [300, 8]) {
      const torn = withFileLimit(bytes, () => write('b@1/0/x'));
      await expect(torn).rejects.toMatchObject({ code: 'STATE_DISK', retriable: true });
      await expect(torn).rejects.toThrow(/make room on the disk or raise that limit/);
    }
    await write('c@1/0/x');
    const copy = await temporaryFolder();
    await cp(root, copy, { recursive: true });
    const again = await levelStoreFolder(copy).open(path);
    const keys: string[] = [];
    for await (const [key] of again.entries()) keys.push(key);
    expect(keys).toEqual(['a@1/0/x', 'c@1/0/x']);
    expect(String(await again.checkpoint())).toBe('c@1/0/x');
    await Promise.all([store.close(), again.close()]);
  });

  it.runIf(CAN_LIMIT_FILES)('moves nothing aside where it only finds no room', async () => {
    const root = await temporaryFolder();
    const stores = levelStoreFolder(root);
    const store = await stores.open(path);
    await store.write([{ key: 'a@1/0/x', value: Buffer.from('1') }], {});
    await store.close();
    const opened = withFileLimit(8, () => stores.open(path));
    await expect(opened).rejects.toMatchObject({ code: 'STATE_DISK', retriable: true });
    expect(await readdir(join(root, 'stream', 'topology'))).toEqual(['0']);
  });
});
