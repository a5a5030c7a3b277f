import { assert } from '../core/assert.ts';
import type { Acknowledgement, PackedRecords, Transaction } from '../log/log.ts';
import { offset, type Offset } from '../log/offset.ts';
import type { PartitionPacker } from '../log/partition-packer.ts';
import type { CommitRecord, SourcePosition } from '../schemas/commit-record.ts';
import type { Acquired } from './acquire.ts';
import type { Batch, SourceBatch } from './batch.ts';
import { COMMIT_KEY, groupOf } from './changelog.ts';
import type { TaskContext } from './task-context.ts';

/** What one commit did; also what a test may wait for. */
export interface Commit {
  readonly topology: string;
  readonly partition: number;
  readonly seq: number;
  readonly records: number;
  readonly outputs: number;
  /** Every source was read to its stable end when this batch was polled. */
  readonly atEnd: boolean;
  /** Part of a batch that failed as a whole: no sign yet that the failure is over. */
  readonly isPart: boolean;
}

/**
 * All that one transaction will say, encoded: nothing is computed between its first send and its
 * end.
 */
export interface PreparedCommit {
  readonly record: CommitRecord;
  /** Outputs, the changelog, and at its end the commit record. */
  readonly records: PackedRecords;
  readonly outputCount: number;
  /** Records for the changelog, the commit record among them. */
  readonly changelogCount: number;
}

/** Packs every block that the batch touched. */
const packBlocks = (task: TaskContext, held: Acquired, changelog: PartitionPacker): void => {
  const { block } = task.serdes;
  held.state.visitTouched((prefix, key, data) => {
    if (data === null) {
      changelog.addTombstone(key, prefix);
      return;
    }
    block.encodeTo({ data }, changelog.begin(key, prefix));
    changelog.end();
  });
};

/**
 * Encodes a commit, or says that there is nothing to commit. The first one is written even when it
 * holds nothing: from then on, where the task began is a matter of record. What fails here has not
 * reached the log.
 */
export const prepare = (
  task: TaskContext,
  held: Acquired,
  { inputs, batch }: { readonly inputs: readonly SourceBatch[]; readonly batch: Batch<unknown> },
): PreparedCommit | undefined => {
  const { records } = batch.outbox;
  const outputCount = records.count;
  const changelog = records.of(task.changelog, task.partition);
  packBlocks(task, held, changelog);
  const isMoved = inputs.some((input) => input.records.length > 0);
  if (!isMoved && held.seq > 0 && records.count === 0) return undefined;
  const record: CommitRecord = {
    seq: held.seq + 1,
    positions: held.positions.after(inputs),
    watermarks: held.watermarks.toRecord(),
    frequency: task.topology.frequency ?? '',
  };
  task.serdes.commit.encodeTo(record, changelog.begin(COMMIT_KEY));
  changelog.end();
  return { record, records, outputCount, changelogCount: changelog.count };
};

const changelogEnd = (
  task: TaskContext,
  acknowledged: readonly Acknowledgement[],
  sent: number,
): Offset => {
  const ours = acknowledged.filter(({ topic }) => topic === task.changelog);
  const last = ours.at(-1);
  // Several where it went out in several batches.
  const count = ours.reduce((sum, one) => sum + one.count, 0);
  assert(last !== undefined && count === sent, 'a changelog was not acknowledged whole');
  return offset(last.baseOffset + last.count);
};

interface Telling {
  readonly transaction: Transaction;
  readonly positions: readonly SourcePosition[];
}

const tellGroup = async (
  { names }: TaskContext,
  held: Acquired,
  { transaction, positions }: Telling,
): Promise<void> => {
  const group = groupOf(names);
  await transaction.commitOffsets(
    held.positions.partitioned(positions).map((position) => ({ group, ...position })),
  );
};

/** Tells the consumer group of what was committed, when no commit is there to carry it. */
export const catchUpGroup = async (task: TaskContext, held: Acquired): Promise<void> => {
  if (!held.groupPositions.areBehind) return;
  const transaction = await held.producer.begin();
  await tellGroup(task, held, { transaction, positions: held.positions.toRecord() });
  await transaction.commit();
  held.groupPositions.committed(true);
};

/**
 * Outputs, changelog and positions become visible together or not at all; then memory is what the
 * log says. There is no catch: after an error nobody here could know what the log did, so the task
 * drops everything and asks it.
 */
export const commit = async (
  task: TaskContext,
  held: Acquired,
  { record, records, changelogCount }: PreparedCommit,
): Promise<void> => {
  const transaction = await held.producer.begin();
  const acknowledged = await transaction.sendPacked(records);
  const next = changelogEnd(task, acknowledged, changelogCount);
  const isTold = held.groupPositions.areDue;
  if (isTold) await tellGroup(task, held, { transaction, positions: record.positions });
  await transaction.commit();
  held.groupPositions.committed(isTold);
  held.state.committed();
  held.watermarks.committed();
  held.seq = record.seq;
  held.changelogNext = next;
};
