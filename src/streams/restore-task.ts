import type { LogRecord } from '../log/log.ts';
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

const read = async <T>(task: TaskContext, record: LogRecord, serde: Serde<T>): Promise<T> => {
  await serde.learn([record.value]);
  return decided(task, record, serde.decode(record.value));
};

const apply = (task: TaskContext, state: TaskState, record: LogRecord): void => {
  const key = (record.key ?? Buffer.alloc(0)).toString();
  if (record.value === null) state.restore(key, null);
  else state.restore(key, decided(task, record, task.serdes.block.decode(record.value)).data);
};

const fromStore = async (store: Store, state: TaskState): Promise<void> => {
  for await (const [key, value] of store.entries()) state.restore(key, value);
  // What came from the store need not be written to it again.
  state.flushed();
};

/** Waits for more of the changelog, or says that the claim can never be reached. */
const awaitMore = async (
  task: TaskContext,
  reader: { more(signal: AbortSignal): Promise<void> },
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
};

const isKey = (record: LogRecord, name: string): boolean => record.key?.toString() === name;

/** A later claim than ours means that another instance owns the partition by now. */
const refuseClaimed = (task: TaskContext, record: LogRecord, claimedAt: Offset): void => {
  if (record.offset > claimedAt && isKey(record, CLAIM_KEY)) {
    throw new StreamError('TASK_CLAIMED', `${taskName(task)} was claimed by another instance`, {
      retriable: true,
    });
  }
};

/** Rebuilds a task's state from its store and then from its changelog, up to the task's own claim. */
export const restore = async (options: RestoreOptions): Promise<Restored> => {
  const { task, store, state, checkpoint, claimedAt } = options;
  if (checkpoint !== undefined) await fromStore(store, state);
  const from = checkpoint?.changelogNext ?? FIRST_OFFSET;
  const { start } = await task.log.offsets(task.changelog, task.partition);
  const reader = task.log.reader(task.changelog, task.partition, from < start ? start : from);
  let commit: CommitRecord | undefined;
  let records = 0;
  let next = from;
  let emptyPolls = 0;
  try {
    while (next <= claimedAt) {
      const polled = await reader.poll({
        maxRecords: task.limits.restoreRecordsMax,
        maxBytes: RESTORE_BYTES_MAX,
      });
      await task.serdes.block.learn(
        polled.records.filter(({ key }) => key?.includes(47) === true).map(({ value }) => value),
      );
      for (const record of polled.records) {
        refuseClaimed(task, record, claimedAt);
        if (isKey(record, COMMIT_KEY)) commit = await read(task, record, task.serdes.commit);
        else if (!isKey(record, CLAIM_KEY)) apply(task, state, record);
      }
      records += polled.records.length;
      emptyPolls = polled.next === next ? emptyPolls + 1 : 0;
      next = polled.next;
      if (emptyPolls > 0) await awaitMore(task, reader, emptyPolls);
    }
  } finally {
    reader.close();
  }
  return { next, records, commit };
};
