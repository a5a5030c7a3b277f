import { assert } from '../core/assert.ts';
import type { GroupOffset, TransactionalProducer } from '../log/log.ts';
import type { Offset } from '../log/offset.ts';
import type { CommitRecord } from '../schemas/commit-record.ts';
import { TOMBSTONE_RETENTION_MS } from '../schemas/topic.ts';
import type { Store } from '../state/store.ts';
import type { TaskState } from '../state/task-state.ts';
import { CLAIM_KEY, groupOf, transactionalIdOf } from './changelog.ts';
import { readCheckpoint, type Checkpoint } from './checkpoint.ts';
import { StreamError } from './errors.ts';
import { refuseOtherFrequency } from './frequency-check.ts';
import { GroupPositions } from './group-positions.ts';
import { Positions } from './positions.ts';
import { isDamage, restoreState } from './restore-state.ts';
import { takeUp } from './take-up.ts';
import { taskName, type TaskContext } from './task-context.ts';
import { WatermarkVector } from './watermarks.ts';

/** Hears how many changelog offsets a restore has yet to read. */
export type OnRemaining = (offsets: number) => void;

/** All that a running task holds; dropped as a whole when anything fails. */
export interface Acquired {
  readonly producer: TransactionalProducer;
  readonly state: TaskState;
  readonly watermarks: WatermarkVector;
  readonly positions: Positions;
  readonly store: Store;
  readonly groupPositions: GroupPositions;
  /** Sequence number of the last commit. */
  seq: number;
  /** Where the changelog goes on after what memory holds. */
  changelogNext: Offset;
}

/**
 * Closes what a task holds and leaves the store where it was; never fails, since an earlier error
 * is the news.
 */
export const release = async ({
  producer,
  store,
}: {
  readonly producer: TransactionalProducer;
  readonly store: Store | undefined;
}): Promise<void> => {
  await Promise.allSettled([producer.close(), store?.close()]);
};

/** By all that names its changelog: what another application remembers is not for this one. */
const storePath = ({ names, partition, topicPrefix }: TaskContext): readonly string[] => [
  `${topicPrefix}${names.application}`,
  names.stream,
  names.topology,
  String(partition),
];

/** Writes the claim: its offset is this task's epoch and the end of its restore. */
const claim = async (task: TaskContext, producer: TransactionalProducer): Promise<Offset> => {
  const value = task.serdes.claim.encode({
    instance: task.instance,
    address: task.address,
    claimedAtMs: task.clock.now(),
  });
  const transaction = await producer.begin();
  const acknowledged = await transaction.send([
    { topic: task.changelog, partition: task.partition, key: Buffer.from(CLAIM_KEY), value },
  ]);
  const [only] = acknowledged;
  assert(acknowledged.length === 1 && only !== undefined, 'a claim was not acknowledged once');
  await transaction.commit();
  return only.baseOffset;
};

/**
 * Whether a store can be brought up to the claim by reading the changelog on from its checkpoint.
 * Not when the log lost its tail, nor when what came next is gone, nor when tombstones may be.
 */
const isUsable = (
  task: TaskContext,
  { changelogNext, writtenAtMs }: Checkpoint,
  bounds: { readonly start: Offset; readonly claimedAt: Offset },
): boolean =>
  changelogNext <= bounds.claimedAt &&
  changelogNext >= bounds.start &&
  task.clock.now() - writtenAtMs < TOMBSTONE_RETENTION_MS;

interface OpenStore {
  readonly store: Store;
  readonly checkpoint: Checkpoint | undefined;
}

/** One that was killed in its first round has pages of an unknown age. */
const isEmpty = async (store: Store): Promise<boolean> => {
  for await (const _ of store.entries()) return false;
  return true;
};

const openStore = async (task: TaskContext, claimedAt: Offset): Promise<OpenStore> => {
  const path = storePath(task);
  const store = await task.stores.open(path);
  try {
    const read = await readCheckpoint(store, task.serdes.commit);
    if (read.type === 'none' && (await isEmpty(store))) return { store, checkpoint: undefined };
    const { start } = await task.log.offsets(task.changelog, task.partition);
    if (read.type === 'checkpoint' && isUsable(task, read, { start, claimedAt })) {
      return { store, checkpoint: read };
    }
  } catch (error) {
    if (!isDamage(error)) {
      await Promise.allSettled([store.close()]);
      throw error;
    }
  }
  await store.close();
  return { store: await task.stores.open(path, { discard: true }), checkpoint: undefined };
};

/**
 * An offset without a commit record is somebody else's work: starting over would write it all
 * again.
 */
const refuseUnadopted = (task: TaskContext, committed: readonly GroupOffset[]): void => {
  if (task.adopt) return;
  const group = groupOf(task.names);
  const partitioned = task.topology.sources.filter(({ kind }) => kind === 'partitioned');
  const ours = committed.find(
    ({ topic, partition, next }) =>
      partition === task.partition && next > 0 && partitioned.some((one) => one.topic === topic),
  );
  if (ours === undefined) return;
  throw new StreamError(
    'TASK_UNADOPTED',
    `${taskName(task)}: group ${group} stands at ${ours.topic}/${ours.partition} offset ` +
      `${ours.next}, but ${task.changelog} has no commit of it; restore the changelog, or start ` +
      'with --adopt to process everything again',
  );
};

const startPositions = async (
  task: TaskContext,
  last: CommitRecord | undefined,
  committed: readonly GroupOffset[],
): Promise<Positions> => {
  if (last === undefined) refuseUnadopted(task, committed);
  const positions = await Positions.of(task);
  if (last === undefined) return positions;
  positions.resume(last.positions);
  await positions.refuseExpired(task);
  return positions;
};

/** To go on without what was remembered would be to forget it without a word. */
const refuseOtherVersion = (task: TaskContext, state: TaskState): void => {
  const [lost] = state.ofOtherVersions;
  if (lost === undefined) return;
  throw new StreamError(
    'TASK_STATE_VERSION',
    `${taskName(task)} keeps ${lost.kept}, and ${task.changelog} has ${lost.found} of another ` +
      'version of tidecast: start that one, or build the state anew from what the sources still ' +
      'have, by `tidecast replay --to start`, with --as NAME beside the old one or --in-place',
  );
};

interface Claimed extends OpenStore {
  readonly producer: TransactionalProducer;
  /** An empty store in the place of the one that is open. */
  readonly emptyStore: () => Promise<Store>;
  readonly onRemaining: OnRemaining;
  readonly claimedAt: Offset;
  /** Positions of the group before the claim. */
  readonly committed: readonly GroupOffset[];
}

const NOTHING_YET: Pick<CommitRecord, 'seq' | 'watermarks'> = { seq: 0, watermarks: [] };

const noteRestored = (task: TaskContext, startedMs: number, records: number): void => {
  task.metrics.restored({
    stream: task.topology.stream,
    topology: task.topology.name,
    partition: task.partition,
    records,
    durationMs: task.clock.monotonic() - startedMs,
  });
};

/** Rebuilds memory up to the claim, from the store and what the changelog has beyond it. */
const rebuild = async (
  task: TaskContext,
  signal: AbortSignal,
  { producer, store, emptyStore, checkpoint, claimedAt, committed, onRemaining }: Claimed,
): Promise<Omit<Acquired, 'producer' | 'groupPositions'>> => {
  const startedMs = task.clock.monotonic();
  const bounds = { store, emptyStore, checkpoint, claimedAt, signal, onRemaining };
  const restored = await restoreState({ task, ...bounds });
  const { commit: last, replay, next: changelogNext, state } = restored;
  const { seq, watermarks: saved } = last ?? NOTHING_YET;
  noteRestored(task, startedMs, restored.records);
  const kept = restored.isBegunAgain ? await emptyStore() : restored.store;
  const watermarks = new WatermarkVector();
  if (replay !== undefined) {
    const taken = await takeUp({ task, producer, signal, claimedAt, replay, seq });
    return { ...taken, state, watermarks, store: kept };
  }
  refuseOtherVersion(task, state);
  if (last !== undefined) refuseOtherFrequency(task.topology, last);
  watermarks.restore(saved);
  const positions = await startPositions(task, last, committed);
  return { state, watermarks, positions, store: kept, seq, changelogNext };
};

/**
 * Takes the partition over: settles and fences the predecessor, claims, rebuilds state up to the
 * claim, and finds the positions to go on from. Nothing is read before the predecessor is fenced,
 * and nobody is fenced once the signal has aborted: the partition has another owner then. Rejects
 * with the signal's reason when it does.
 */
export const acquire = async (
  task: TaskContext,
  signal: AbortSignal,
  onRemaining: OnRemaining = () => undefined,
): Promise<Acquired> => {
  signal.throwIfAborted();
  const group = groupOf(task.names);
  const producer = await task.log.producer(transactionalIdOf(task.names, task));
  let store: Store | undefined;
  try {
    signal.throwIfAborted();
    // Once predecessors are fenced, and before the claim: a rival that comes later commits
    // positions which the changelog has beyond the claim: they would seem to be without a commit.
    const committed = await task.log.groupOffsets(group);
    const claimedAt = await claim(task, producer);
    const opened = await openStore(task, claimedAt);
    store = opened.store;
    const emptyStore = async (): Promise<Store> => {
      await store?.close();
      store = undefined;
      store = await task.stores.open(storePath(task), { discard: true });
      return store;
    };
    const claimed = { ...opened, producer, emptyStore, claimedAt, committed, onRemaining };
    const groupPositions = new GroupPositions(task.clock);
    return { producer, groupPositions, ...(await rebuild(task, signal, claimed)) };
  } catch (error) {
    await release({ producer, store });
    throw error;
  }
};
