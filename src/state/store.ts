/** One entry to write, or to remove when the value is null. */
export interface StoreEntry {
  readonly key: string;
  readonly value: Uint8Array | null;
}

/** What goes with the entries of one write. */
export interface WriteOptions {
  /** Says from then on how far the store goes; without one that stays as it was. */
  readonly checkpoint?: Uint8Array;
  /** Nothing is written before it resolves, nor when it rejects. */
  readonly after?: Promise<void>;
}

/**
 * Where the state of one task rests between runs. A copy of what the changelog already holds and
 * never ahead of it, so that losing a store costs a restore and nothing else. Entries may be newer
 * than the checkpoint: the changelog is read again from there on, and holds them whole. What is
 * found damaged while it is read is a `StateError` of code `STATE_CORRUPT`.
 */
export interface Store {
  /** The last one written, or undefined when there is none yet. */
  checkpoint(): Promise<Buffer | undefined>;
  /** Every entry but the checkpoint, in any order. */
  entries(): AsyncIterable<readonly [key: string, value: Buffer]>;
  /** All of it or nothing. The entries are taken before it returns. */
  write(entries: readonly StoreEntry[], options: WriteOptions): Promise<void>;
  close(): Promise<void>;
}

/** Opens the store of a task by its path parts; `discard` moves what was there aside first. */
export interface StoreFolder {
  open(path: readonly string[], options?: { readonly discard?: boolean }): Promise<Store>;
}
