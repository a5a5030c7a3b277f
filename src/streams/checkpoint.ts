import { offset, type Offset } from '../log/offset.ts';
import type { CommitRecord } from '../schemas/commit-record.ts';
import type { Serde } from '../schemas/serde.ts';
import type { Store } from '../state/store.ts';

/**
 * What a store says of itself: it holds the changelog up to `changelogNext`, and the commit it ends
 * with.
 */
export interface Checkpoint {
  readonly changelogNext: Offset;
  /** Epoch ms. */
  readonly writtenAtMs: number;
  readonly commit: CommitRecord | undefined;
}

/** `none`: the store is empty. `unreadable`: it is not, but nobody can say how far it goes. */
export type StoredCheckpoint =
  | { readonly type: 'none' }
  | { readonly type: 'unreadable' }
  | ({ readonly type: 'checkpoint' } & Checkpoint);

const HEADER_BYTES = 16;

/** Position and time, eight bytes each, then the commit record as it stands in the changelog. */
export const encodeCheckpoint = (
  { changelogNext, writtenAtMs, commit }: Checkpoint,
  serde: Serde<CommitRecord>,
): Buffer => {
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeDoubleBE(changelogNext);
  header.writeDoubleBE(writtenAtMs, 8);
  return commit === undefined ? header : Buffer.concat([header, serde.encode(commit)]);
};

const isPosition = (value: number): boolean => Number.isSafeInteger(value) && value >= 0;

export const readCheckpoint = async (
  store: Store,
  serde: Serde<CommitRecord>,
): Promise<StoredCheckpoint> => {
  const bytes = await store.checkpoint();
  if (bytes === undefined) return { type: 'none' };
  if (bytes.length < HEADER_BYTES || !isPosition(bytes.readDoubleBE(0))) {
    return { type: 'unreadable' };
  }
  const changelogNext = offset(bytes.readDoubleBE(0));
  const writtenAtMs = bytes.readDoubleBE(8);
  if (bytes.length === HEADER_BYTES) {
    return { type: 'checkpoint', changelogNext, writtenAtMs, commit: undefined };
  }
  const value = bytes.subarray(HEADER_BYTES);
  await serde.learn([value]);
  const commit = serde.decode(value);
  if (!commit.ok) return { type: 'unreadable' };
  return { type: 'checkpoint', changelogNext, writtenAtMs, commit: commit.value };
};
