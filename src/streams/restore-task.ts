import type { LogReader, LogRecord } from '../log/log.ts';
import { FIRST_OFFSET, type Offset } from '../log/offset.ts';
import type { CommitRecord } from '../schemas/commit-record.ts';
import type { Decoded } from '../schemas/serde.ts';
import { StateError } from '../state/errors.ts';
import type { Store } from '../state/store.ts';
import type { TaskState } from '../state/task-state.ts';
import { CLAIM_KEY, COMMIT_KEY, REPLAY_KEY } from './changelog.ts';
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
  /** Where the task is to begin again, if that came after its last commit. */
  readonly replay: CommitRecord | undefined;
  /** true: it began again since the checkpoint, and what the store holds is void. */
  readonly isBegunAgain: boolean;
}

const decided = <T>(task: TaskContext, record: LogRecord, decoded: Decoded<T>): T => {
  if (decoded.ok) return decoded.value;
  throw new StreamError(
    'TASK_RECORD_UNREADABLE',
    `${taskName(task)}: ${record.topic}/${record.partition} offset ${record.offset} cannot be ` +
      `read (${decoded.reason}: ${decoded.detail}); start the version that wrote it`,
  );
};

const commitOf = async (
  task: TaskContext,
  record: LogRecord | undefined,
): Promise<CommitRecord | undefined> => {
  if (record === undefined) return undefined;
  const { commit } = task.serdes;
  await commit.learn([record.value]);
  return decided(task, record, commit.decode(record.value));
};

const keyOf = ({ key }: LogRecord): string => key?.toString() ?? '';

/** Not all damage is noticed by a store: what cannot be what was written to it is damage too. */
const loadFrom = ([key, value]: readonly [string, Uint8Array], state: TaskState): void => {
  try {
    state.load(key, value);
  } catch (cause) {
    throw new StateError('STATE_CORRUPT', 'an entry of a store is not what was written to it', {
      cause,
    });
  }
};

const fromStore = async (store: Store, state: TaskState): Promise<void> => {
  for await (const entry of store.entries()) loadFrom(entry, state);
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

/** The last of what a changelog says of its task. */
interface Ending {
  commit?: LogRecord;
  /** Only what came after the commit: what came before has been taken up by it. */
  replay?: LogRecord | undefined;
  isBegunAgain: boolean;
}

/** Takes the records of one poll. */
const takeAll = async (
  options: RestoreOptions,
  records: readonly LogRecord[],
  ending: Ending,
): Promise<void> => {
  const { task, state } = options;
  const { block } = task.serdes;
  await block.learn(records.map(({ value }) => value));
  for (const record of records) {
    const key = keyOf(record);
    if (key === CLAIM_KEY) refuseClaimed(options, record);
    else if (key === COMMIT_KEY) {
      ending.commit = record;
      ending.replay = undefined;
    } else if (key === REPLAY_KEY) {
      ending.replay = record;
      ending.isBegunAgain = true;
      state.clear();
    } else if (record.value === null) state.restore(key, null);
    else state.restore(key, decided(task, record, block.decode(record.value)).data);
  }
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
  const ending: Ending = { isBegunAgain: false };
  let count = 0;
  let emptyPolls = 0;
  try {
    // Not until the end: compaction and markers leave gaps, and rivals may go on writing.
    while (next <= claimedAt) {
      signal.throwIfAborted();
      onRemaining(claimedAt + 1 - next);
      const polled = await reader.poll(limits);
      await takeAll(options, polled.records, ending);
      count += polled.records.length;
      emptyPolls = polled.next === next ? emptyPolls + 1 : 0;
      next = polled.next;
      if (emptyPolls > 0) await awaitMore(options, reader, emptyPolls);
    }
  } finally {
    reader.close();
  }
  const { commit, replay, isBegunAgain } = ending;
  return {
    ...{ next, records: count, isBegunAgain },
    commit: await commitOf(task, commit),
    replay: await commitOf(task, replay),
  };
};
