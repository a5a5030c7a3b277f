import type { TransactionalProducer } from '../log/log.ts';
import { FIRST_OFFSET, offset, type Offset } from '../log/offset.ts';
import type { CommitRecord } from '../schemas/commit-record.ts';
import type { Store } from '../state/store.ts';
import { TaskState } from '../state/task-state.ts';
import { CLAIM_KEY, groupOf } from './changelog.ts';
import { readCheckpoint, type Checkpoint } from './checkpoint.ts';
import { StreamError } from './errors.ts';
import { Positions } from './positions.ts';
import { restore } from './restore-task.ts';
import { taskName, type TaskContext } from './task-context.ts';
import { WatermarkVector } from './watermarks.ts';

/** All that a running task holds; dropped as a whole when anything fails. */
export interface Acquired {
  readonly producer: TransactionalProducer;
  readonly state: TaskState;
  readonly watermarks: WatermarkVector;
  readonly positions: Positions;
  store: Store;
  /** Sequence number of the last commit. */
  seq: number;
  /** Where the changelog goes on after what memory holds. */
  changelogNext: Offset;
  lastFlushMs: number;
}

const storePath = ({ names, partition }: TaskContext): readonly string[] => [
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
  await transaction.commit();
  return acknowledged[0]?.baseOffset ?? FIRST_OFFSET;
};

/** A log that ends before the checkpoint has lost its tail: what the store knows of it must go. */
const openStore = async (
  task: TaskContext,
  claimedAt: Offset,
): Promise<{ store: Store; checkpoint: Checkpoint | undefined }> => {
  const path = storePath(task);
  const store = await task.stores.open(path);
  try {
    const checkpoint = await readCheckpoint(store, task.serdes.commit);
    const { start } = await task.log.offsets(task.changelog, task.partition);
    if (checkpoint === undefined) return { store, checkpoint };
    const lostTail = checkpoint.changelogNext > claimedAt;
    const lostHead = checkpoint.changelogNext < start;
    if (!lostTail && !lostHead) return { store, checkpoint };
  } catch (error) {
    await store.close();
    throw error;
  }
  await store.close();
  return { store: await task.stores.open(path, { discard: true }), checkpoint: undefined };
};

/** An offset without a commit record is somebody else's work: starting over would write it all again. */
const refuseUnadopted = async (task: TaskContext): Promise<void> => {
  if (task.adopt) return;
  const group = groupOf(task.names);
  const committed = await task.log.groupOffsets(group);
  const ours = committed.find(({ partition, next }) => partition === task.partition && next > 0);
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
): Promise<Positions> => {
  if (last === undefined) await refuseUnadopted(task);
  const positions = await Positions.of(task);
  for (const { topic, partition, next } of last?.positions ?? []) {
    positions.set(topic, partition, offset(next));
  }
  await positions.refuseExpired(task, last !== undefined);
  return positions;
};

/**
 * Takes the partition over: settles and fences the predecessor, claims, rebuilds state up to the claim, and finds
 * the positions to go on from. Nothing is read before the predecessor is fenced.
 */
export const acquire = async (task: TaskContext): Promise<Acquired> => {
  const startedMs = task.clock.monotonic();
  const group = groupOf(task.names);
  const producer = await task.log.producer(`${task.topicPrefix}${group}.${task.partition}`);
  const claimedAt = await claim(task, producer);
  const { store, checkpoint } = await openStore(task, claimedAt);
  try {
    const state = new TaskState(task.topology.stores);
    const restored = await restore({ task, store, state, checkpoint, claimedAt });
    const last = restored.commit ?? checkpoint?.commit;
    const watermarks = new WatermarkVector();
    watermarks.restore(last?.watermarks ?? []);
    task.metrics.restored({
      topology: task.topology.name,
      partition: task.partition,
      records: restored.records,
      durationMs: task.clock.monotonic() - startedMs,
    });
    return {
      producer,
      state,
      watermarks,
      positions: await startPositions(task, last),
      store,
      seq: last?.seq ?? 0,
      changelogNext: restored.next,
      lastFlushMs: task.clock.monotonic(),
    };
  } catch (error) {
    await store.close();
    throw error;
  }
};
