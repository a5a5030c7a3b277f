import { afterEach, describe, expect, it } from 'vitest';
import type { Store, StoreFolder } from '../../src/state/store.ts';

const all = async (store: Store): Promise<ReadonlyMap<string, string>> => {
  const found = new Map<string, string>();
  for await (const [key, value] of store.entries()) found.set(key, value.toString());
  return found;
};

const entry = (key: string, value: string | null): { key: string; value: Buffer | null } => ({
  key,
  value: value === null ? null : Buffer.from(value),
});

/** What every store must do; `folder` gives a fresh one for each test. */
export const storeContract = (name: string, folder: () => Promise<StoreFolder>): void => {
  describe(`${name} keeps the store contract`, () => {
    const open: Store[] = [];
    const opened = async (
      stores: StoreFolder,
      options?: { readonly discard?: boolean },
    ): Promise<Store> => {
      const store = await stores.open(['stream', 'topology', '0'], options);
      open.push(store);
      return store;
    };

    afterEach(async () => {
      for (const store of open.splice(0)) await store.close();
    });

    it('is empty and has no checkpoint when it is new', async () => {
      const store = await opened(await folder());
      expect(await store.checkpoint()).toBeUndefined();
      expect((await all(store)).size).toBe(0);
    });

    it('gives back entries and checkpoint after it was closed and opened again', async () => {
      const stores = await folder();
      const store = await opened(stores);
      await store.write([entry('a@1/0/x', '1'), entry('a@1/1/x', '2')], {
        checkpoint: Buffer.from('c1'),
      });
      await store.write([entry('a@1/0/x', '3')], { checkpoint: Buffer.from('c2') });
      await open.pop()?.close();
      const again = await opened(stores);
      expect((await again.checkpoint())?.toString()).toBe('c2');
      expect(await all(again)).toEqual(
        new Map([
          ['a@1/0/x', '3'],
          ['a@1/1/x', '2'],
        ]),
      );
    });

    it('removes what is written as null', async () => {
      const store = await opened(await folder());
      await store.write([entry('a@1/0/x', '1'), entry('a@1/0/y', '2')], {
        checkpoint: Buffer.from('c'),
      });
      await store.write([entry('a@1/0/x', null)], { checkpoint: Buffer.from('c') });
      expect([...(await all(store)).keys()]).toEqual(['a@1/0/y']);
    });

    it('keeps its checkpoint when entries come without one', async () => {
      const store = await opened(await folder());
      await store.write([entry('a@1/0/x', '1')], { checkpoint: Buffer.from('c') });
      await store.write([entry('a@1/0/x', '2')], {});
      expect((await store.checkpoint())?.toString()).toBe('c');
      expect(await all(store)).toEqual(new Map([['a@1/0/x', '2']]));
    });

    it('takes entries as they are when it is called, and writes them when it may', async () => {
      const store = await opened(await folder());
      const value = Buffer.from('1');
      let allow = (): void => undefined;
      const after = new Promise<void>((resolve) => (allow = resolve));
      const written = store.write([{ key: 'a@1/0/x', value }], { after });
      value.write('2');
      expect((await all(store)).size).toBe(0);
      allow();
      await written;
      expect(await all(store)).toEqual(new Map([['a@1/0/x', '1']]));
    });

    it('writes nothing when what had to come first has failed', async () => {
      const store = await opened(await folder());
      const after = Promise.reject(new Error('no disk'));
      const checkpoint = Buffer.from('c');
      await expect(store.write([entry('a@1/0/x', '1')], { checkpoint, after })).rejects.toThrow(
        'no disk',
      );
      expect(await store.checkpoint()).toBeUndefined();
      expect((await all(store)).size).toBe(0);
    });

    it('starts empty when what was there is discarded', async () => {
      const stores = await folder();
      const store = await opened(stores);
      await store.write([entry('a@1/0/x', '1')], { checkpoint: Buffer.from('c') });
      await open.pop()?.close();
      const fresh = await opened(stores, { discard: true });
      expect(await fresh.checkpoint()).toBeUndefined();
      expect((await all(fresh)).size).toBe(0);
    });

    it('keeps tasks apart', async () => {
      const stores = await folder();
      const one = await opened(stores);
      const other = await stores.open(['stream', 'topology', '1']);
      open.push(other);
      await one.write([entry('a@1/0/x', '1')], { checkpoint: Buffer.from('c') });
      expect((await all(other)).size).toBe(0);
    });
  });
};
