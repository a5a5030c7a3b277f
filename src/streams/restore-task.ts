import type { LogReader, LogRecord } from '../log/log.ts';
import { FIRST_OFFSET, type Offset } from '../log/offset.ts';
import type { CommitRecord } from '../schemas/commit-record.ts';
import type { Decoded, Serde } from '../schemas/serde.ts';
import type { Store } from '../state/store.ts';
import type { TaskState } from '../state/task-state.ts';
import { CLAIM_KEY, COMMIT_KEY } from './changelog.ts';
import type { Checkpoint } from './checkpoint.ts';
import { StreamError } from './errors.ts';
import { taskName, type TaskContext } from './task-context.ts';

const RESTORE_BYTES_MAX = 16 << 20;

/** A reader that returns nothing this often before the claim is seen will never return it. */
const EMPTY_POLLS_MAX = 200;

export interface RestoreOptions {
  readonly task: TaskContext;
  readonly store: Store;
  readonly state: TaskState;
  readonly checkpoint: Checkpoint | undefined;
  readonly claimedAt: Offset;
  readonly signal: AbortSignal;
  /** Hears how many offsets are yet to be read. */
  readonly onRemaining: (offsets: number) => void;
}

export interface Restored {
  readonly next: Offset;
  readonly records: number;
  /** The last commit seen in the changelog, if any came after the checkpoint. */
  readonly commit: CommitRecord | undefined;
}

const decided = <T>(task: TaskContext, record: LogRecord, decoded: Decoded<T>): T => {
  if (decoded.ok) return decoded.value;
  throw new StreamError(
    'TASK_RECORD_UNDECIDED',
    `${taskName(task)}: ${record.topic}/${record.partition} offset ${record.offset} cannot be ` +
      `read (${decoded.reason}: ${decoded.detail}); start the version that wrote it`,
  );
};

const learnAndDecode = async <T>(
  task: TaskContext,
  record: LogRecord,
  serde: Serde<T>,
): Promise<T> => {
  await serde.learn([record.value]);
  return decided(task, record, serde.decode(record.value));
};

const keyOf = ({ key }: LogRecord): string => key?.toString() ?? '';

const fromStore = async (store: Store, state: TaskState): Promise<void> => {
  for await (const [key, value] of store.entries()) state.load(key, value);
};

/** Waits for more of the changelog, or says that the claim can never be reached. */
const awaitMore = async (
  { task, signal }: RestoreOptions,
  reader: LogReader,
  emptyPolls: number,
): Promise<void> => {
  if (emptyPolls >= EMPTY_POLLS_MAX) {
    throw new StreamError(
      'TASK_RESTORE_STUCK',
      `${taskName(task)}: its own claim in ${task.changelog} does not become readable; an open ` +
        'transaction may hold the stable offset back',
      { retriable: true },
    );
  }
  await reader.more(AbortSignal.timeout(task.limits.commitIntervalMs));
  signal.throwIfAborted();
};

/** A later claim than ours means that another instance owns the partition by now. */
const refuseClaimed = ({ task, claimedAt }: RestoreOptions, record: LogRecord): void => {
  if (record.offset <= claimedAt) return;
  throw new StreamError('TASK_CLAIMED', `${taskName(task)} was claimed by another instance`, {
    retriable: true,
  });
};

/** Takes the records of one poll; returns the last commit among them. */
const takeAll = async (
  options: RestoreOptions,
  records: readonly LogRecord[],
): Promise<CommitRecord | undefined> => {
  const { task, state } = options;
  const { block, commit } = task.serdes;
  let last: LogRecord | undefined;
  await block.learn(records.map(({ value }) => value));
  for (const record of records) {
    const key = keyOf(record);
    if (key === CLAIM_KEY) refuseClaimed(options, record);
    else if (key === COMMIT_KEY) last = record;
    else if (record.value === null) state.restore(key, null);
    else state.restore(key, decided(task, record, block.decode(record.value)).data);
  }
  return last === undefined ? undefined : learnAndDecode(task, last, commit);
};

const readerFrom = async ({ task }: RestoreOptions, from: Offset): Promise<LogReader> => {
  const { start } = await task.log.offsets(task.changelog, task.partition);
  return task.log.reader(task.changelog, task.partition, from < start ? start : from);
};

/**
 * Rebuilds a task's state from its store and then from its changelog, up to the task's own claim.
 */
export const restore = async (options: RestoreOptions): Promise<Restored> => {
  const { task, store, state, checkpoint, claimedAt, signal, onRemaining } = options;
  if (checkpoint !== undefined) await fromStore(store, state);
  const limits = { maxRecords: task.limits.restoreRecordsMax, maxBytes: RESTORE_BYTES_MAX };
  let next = checkpoint?.changelogNext ?? FIRST_OFFSET;
  const reader = await readerFrom(options, next);
  let commit: CommitRecord | undefined;
  let count = 0;
  let emptyPolls = 0;
  try {
    // Not until the end: compaction and markers leave gaps, and rivals may go on writing.
    while (next <= claimedAt) {
      signal.throwIfAborted();
      onRemaining(claimedAt + 1 - next);
      const polled = await reader.poll(limits);
      commit = (await takeAll(options, polled.records)) ?? commit;
      count += polled.records.length;
      emptyPolls = polled.next === next ? emptyPolls + 1 : 0;
      next = polled.next;
      if (emptyPolls > 0) await awaitMore(options, reader, emptyPolls);
    }
  } finally {
    reader.close();
  }
  return { next, records: count, commit };
};
