import { assert } from '../core/assert.ts';
import type { LogRecord, OutgoingRecord, Transaction, TransactionalProducer } from '../log/log.ts';
import { offset, type Offset } from '../log/offset.ts';
import { readBetween } from '../log/read-between.ts';
import type { CommitRecord } from '../schemas/commit-record.ts';
import { CLAIM_KEY, COMMIT_KEY, groupOf, REPLAY_KEY } from './changelog.ts';
import { StreamError } from './errors.ts';
import { Positions } from './positions.ts';
import { taskName, type TaskContext } from './task-context.ts';

const LIMITS = { maxRecords: 10_000, maxBytes: 16 << 20 };
/** A batch of some hundred kilobytes, as keys are. */
const TOMBSTONES_A_SEND = 4_000;

const RESERVED: ReadonlySet<string> = new Set([CLAIM_KEY, COMMIT_KEY, REPLAY_KEY]);

export interface TakeUpOptions {
  readonly task: TaskContext;
  readonly producer: TransactionalProducer;
  readonly signal: AbortSignal;
  readonly claimedAt: Offset;
  /** What the changelog says of where the task begins again. */
  readonly replay: CommitRecord;
  /** Of the last commit; 0: none. */
  readonly seq: number;
}

export interface TakenUp {
  readonly positions: Positions;
  readonly seq: number;
  readonly changelogNext: Offset;
}

const noteBlock = (keys: Set<string>, { key, value }: LogRecord): void => {
  const name = key?.toString() ?? '';
  if (value === null) keys.delete(name);
  else if (!RESERVED.has(name)) keys.add(name);
};

/** Keys of all blocks that are there, those of other versions too. */
const blocksOf = async ({
  task: { log, changelog, partition },
  claimedAt,
  signal,
}: TakeUpOptions): Promise<ReadonlySet<string>> => {
  const keys = new Set<string>();
  const { start: from } = await log.offsets(changelog, partition);
  const place = { topic: changelog, partition, from, to: claimedAt + 1 };
  let read = from;
  for await (const { records, next } of readBetween(log, place, LIMITS)) {
    signal.throwIfAborted();
    for (const record of records) noteBlock(keys, record);
    read = next;
  }
  // The claim is committed: there is something up to it.
  assert(read > claimedAt, 'a changelog ends before its claim');
  return keys;
};

const forget = async (
  { task: { changelog: topic, partition } }: TakeUpOptions,
  transaction: Transaction,
  keys: ReadonlySet<string>,
): Promise<void> => {
  const tombstones = [...keys].map((key): OutgoingRecord => {
    return { topic, partition, key: Buffer.from(key), value: null };
  });
  for (let from = 0; from < tombstones.length; from += TOMBSTONES_A_SEND) {
    await transaction.send(tombstones.slice(from, from + TOMBSTONES_A_SEND));
  }
};

const beginning = async ({ task, replay }: TakeUpOptions): Promise<Positions> => {
  if (replay.positions.length === 0) {
    throw new StreamError(
      'TASK_REPLAY_UNFINISHED',
      `${taskName(task)}: a replay in place was begun and not finished, which leaves every task ` +
        'waiting: run `tidecast replay --in-place` once more, to the same place or another',
    );
  }
  const positions = await Positions.of(task);
  positions.resume(replay.positions);
  await positions.refuseExpired(task);
  return positions;
};

/**
 * Begins again where the changelog says: one commit deletes every block that there is and names the
 * new positions. A store that is brought back later, with what was remembered before, reads of it
 * as of any other commit.
 */
export const takeUp = async (options: TakeUpOptions): Promise<TakenUp> => {
  const { task, producer } = options;
  const positions = await beginning(options);
  const keys = await blocksOf(options);
  const seq = options.seq + 1;
  const record: CommitRecord = {
    ...{ seq, positions: positions.toRecord(), watermarks: [] },
    frequency: task.topology.frequency ?? '',
  };
  const transaction = await producer.begin();
  await forget(options, transaction, keys);
  const [acknowledged] = await transaction.send([
    {
      ...{ topic: task.changelog, partition: task.partition },
      key: Buffer.from(COMMIT_KEY),
      value: task.serdes.commit.encode(record),
    },
  ]);
  const group = groupOf(task.names);
  await transaction.commitOffsets(
    positions.partitioned(record.positions).map((position) => ({ group, ...position })),
  );
  await transaction.commit();
  assert(acknowledged !== undefined, 'a commit was not acknowledged');
  return { positions, seq, changelogNext: offset(acknowledged.baseOffset + 1) };
};
