import type { Store, StoreEntry, StoreFolder } from '../store.ts';

interface Contents {
  readonly entries: Map<string, Buffer>;
  checkpoint: Buffer | undefined;
}

const open = (contents: Contents): Store => ({
  checkpoint: () => Promise.resolve(contents.checkpoint),
  async *entries() {
    yield* await Promise.resolve(contents.entries);
  },
  write(entries: Iterable<StoreEntry>, checkpoint: Uint8Array) {
    for (const { key, value } of entries) {
      if (value === null) contents.entries.delete(key);
      else contents.entries.set(key, Buffer.from(value));
    }
    contents.checkpoint = Buffer.from(checkpoint);
    return Promise.resolve();
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
