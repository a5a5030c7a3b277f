/** One entry to write, or to remove when the value is null. */
export interface StoreEntry {
  readonly key: string;
  readonly value: Uint8Array | null;
}

/**
 * Where the state of one task rests between runs. A copy of what the changelog already holds and
 * never ahead of it, so that losing a store costs a restore and nothing else.
 */
export interface Store {
  /** The bytes written with the last `write`, or undefined when the store is empty. */
  checkpoint(): Promise<Buffer | undefined>;
  /** Every entry but the checkpoint, in any order. */
  entries(): AsyncIterable<readonly [key: string, value: Buffer]>;
  /** All of it or nothing, checkpoint included. */
  write(entries: Iterable<StoreEntry>, checkpoint: Uint8Array): Promise<void>;
  close(): Promise<void>;
}

/** Opens the store of a task by its path parts; `discard` moves what was there aside first. */
export interface StoreFolder {
  open(path: readonly string[], options?: { readonly discard?: boolean }): Promise<Store>;
}
