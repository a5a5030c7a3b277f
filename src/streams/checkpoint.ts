import { assert } from '../core/assert.ts';
import { offset, type Offset } from '../log/offset.ts';
import type { CommitRecord } from '../schemas/commit-record.ts';
import type { Serde } from '../schemas/serde.ts';
import type { Store } from '../state/store.ts';

/** What a store says of itself: it holds the changelog up to `changelogNext`, and the commit it ends with. */
export interface Checkpoint {
  readonly changelogNext: Offset;
  readonly commit: CommitRecord | undefined;
}

/** Eight bytes of position, then the commit record as it stands in the changelog. */
export const encodeCheckpoint = (
  { changelogNext, commit }: Checkpoint,
  serde: Serde<CommitRecord>,
): Buffer => {
  const position = Buffer.alloc(8);
  position.writeDoubleBE(changelogNext);
  return commit === undefined ? position : Buffer.concat([position, serde.encode(commit)]);
};

export const readCheckpoint = async (
  store: Store,
  serde: Serde<CommitRecord>,
): Promise<Checkpoint | undefined> => {
  const bytes = await store.checkpoint();
  if (bytes === undefined) return undefined;
  const changelogNext = offset(bytes.readDoubleBE(0));
  if (bytes.length === 8) return { changelogNext, commit: undefined };
  const value = bytes.subarray(8);
  await serde.learn([value]);
  const commit = serde.decode(value);
  assert(commit.ok, 'a checkpoint holds no readable commit record');
  return { changelogNext, commit: commit.value };
};
