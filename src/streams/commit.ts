import { assert } from '../core/assert.ts';
import type { Acknowledgement, OutgoingRecord } from '../log/log.ts';
import { offset, type Offset } from '../log/offset.ts';
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
}

const changelogRecords = (task: TaskContext, held: Acquired): OutgoingRecord[] => {
  const records: OutgoingRecord[] = [];
  held.state.visitTouched((key, bytes) => {
    // A view is enough: encoding copies it, before the next batch can change it.
    const value =
      bytes === null
        ? null
        : task.serdes.block.encode({
            data: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength),
          });
    records.push({
      topic: task.changelog,
      partition: task.partition,
      key: Buffer.from(key),
      value,
    });
  });
  return records;
};

const commitRecord = (held: Acquired): CommitRecord => ({
  seq: held.seq + 1,
  positions: held.positions.toRecord(),
  watermarks: held.watermarks.toRecord(),
});

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

const advance = (held: Acquired, inputs: readonly SourceBatch[]): boolean => {
  let moved = false;
  for (const { topic, partition, records, next } of inputs) {
    moved ||= records.length > 0;
    held.positions.set(topic, partition, next);
  }
  return moved;
};

/**
 * Outputs, changelog and positions become visible together or not at all; then memory is what the log says. There is
 * no catch: after an error nobody here could know what the log did, so the task drops everything and asks it.
 */
export const commit = async (
  task: TaskContext,
  held: Acquired,
  { inputs, batch }: { readonly inputs: readonly SourceBatch[]; readonly batch: Batch<unknown> },
): Promise<boolean> => {
  const moved = advance(held, inputs);
  const changelog = changelogRecords(task, held);
  const outputs = batch.outbox.records;
  if (!moved && changelog.length === 0 && outputs.length === 0) return false;
  const record = commitRecord(held);
  changelog.push({
    topic: task.changelog,
    partition: task.partition,
    key: Buffer.from(COMMIT_KEY),
    value: task.serdes.commit.encode(record),
  });
  const transaction = await held.producer.begin();
  const acknowledged = await transaction.send([...outputs, ...changelog]);
  await transaction.commitOffsets(
    record.positions.map((position) => ({
      group: groupOf(task.names),
      topic: position.topic,
      partition: position.partition,
      next: offset(position.next),
    })),
  );
  await transaction.commit();
  held.state.committed();
  held.watermarks.committed();
  held.seq = record.seq;
  held.changelogNext = changelogEnd(task, acknowledged, changelog.length);
  return true;
};
