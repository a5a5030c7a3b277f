import type { Store, StoreEntry, StoreFolder, WriteOptions } from '../store.ts';

interface Contents {
  readonly entries: Map<string, Buffer>;
  checkpoint: Buffer | undefined;
}

const open = (contents: Contents): Store => ({
  checkpoint: () => Promise.resolve(contents.checkpoint),
  async *entries() {
    yield* await Promise.resolve(contents.entries);
  },
  async write(entries: readonly StoreEntry[], { checkpoint, after }: WriteOptions) {
    const copies = entries.map(({ key, value }) => ({ key, value: value && Buffer.from(value) }));
    await after;
    for (const { key, value } of copies) {
      if (value === null) contents.entries.delete(key);
      else contents.entries.set(key, value);
    }
    if (checkpoint !== undefined) contents.checkpoint = Buffer.from(checkpoint);
  },
  close: () => Promise.resolve(),
});

/** Stores that outlive their tasks but not the process: what tests crash and reopen. */
export const memoryStoreFolder = (): StoreFolder & { clear(): void } => {
  const folder = new Map<string, Contents>();
  return {
    open(path, { discard = false } = {}) {
      const name = path.join('/');
      const kept = discard ? undefined : folder.get(name);
      const contents = kept ?? { entries: new Map<string, Buffer>(), checkpoint: undefined };
      folder.set(name, contents);
      return Promise.resolve(open(contents));
    },
    clear: () => {
      folder.clear();
    },
  };
};
