import { assert } from '../core/assert.ts';
import type { Acknowledgement, OutgoingRecord } from '../log/log.ts';
import { offset, type Offset } from '../log/offset.ts';
import { recordBytes, refuseTooLarge } from '../log/record-size.ts';
import type { CommitRecord } from '../schemas/commit-record.ts';
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
  /** Outputs, then the changelog, then the commit record. */
  readonly records: readonly OutgoingRecord[];
  readonly outputCount: number;
}

const COMMIT_KEY_BYTES = Buffer.from(COMMIT_KEY);

const blockRecords = (task: TaskContext, held: Acquired): OutgoingRecord[] => {
  const { changelog: topic, partition } = task;
  const records: OutgoingRecord[] = [];
  held.state.visitTouched((key, data) => {
    // A view is enough: encoding copies it, before the next batch can change it.
    records.push({ topic, partition, key, value: data && task.serdes.block.encode({ data }) });
  });
  return records;
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
  const outputs = batch.outbox.records;
  const blocks = blockRecords(task, held);
  const isMoved = inputs.some(({ records }) => records.length > 0);
  if (!isMoved && held.seq > 0 && blocks.length === 0 && outputs.length === 0) return undefined;
  const record: CommitRecord = {
    seq: held.seq + 1,
    positions: held.positions.after(inputs),
    watermarks: held.watermarks.toRecord(),
  };
  const { changelog: topic, partition } = task;
  const value = task.serdes.commit.encode(record);
  const records = outputs.concat(blocks, { topic, partition, key: COMMIT_KEY_BYTES, value });
  for (const one of records) refuseTooLarge(one, recordBytes(one));
  return { record, records, outputCount: outputs.length };
};

const changelogEnd = (
  task: TaskContext,
  acknowledged: readonly Acknowledgement[],
  sent: number,
): Offset => {
  const ours = acknowledged.filter(({ topic }) => topic === task.changelog);
  const [only] = ours;
  assert(ours.length === 1 && only?.count === sent, 'a changelog was not acknowledged whole');
  return offset(only.baseOffset + only.count);
};

/**
 * Outputs, changelog and positions become visible together or not at all; then memory is what the
 * log says. There is no catch: after an error nobody here could know what the log did, so the task
 * drops everything and asks it.
 */
export const commit = async (
  task: TaskContext,
  held: Acquired,
  { record, records, outputCount }: PreparedCommit,
): Promise<void> => {
  const transaction = await held.producer.begin();
  const acknowledged = await transaction.send(records);
  const next = changelogEnd(task, acknowledged, records.length - outputCount);
  const group = groupOf(task.names);
  await transaction.commitOffsets(
    held.positions.partitioned(record.positions).map((position) => ({ group, ...position })),
  );
  await transaction.commit();
  held.state.committed();
  held.watermarks.committed();
  held.seq = record.seq;
  held.changelogNext = next;
};
