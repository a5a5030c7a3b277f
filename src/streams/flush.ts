import type { Acquired } from './acquire.ts';
import { encodeCheckpoint } from './checkpoint.ts';
import type { CommitRecord } from '../schemas/commit-record.ts';
import type { TaskContext } from './task-context.ts';

const lastCommit = (held: Acquired): CommitRecord | undefined =>
  held.seq === 0
    ? undefined
    : {
        seq: held.seq,
        positions: held.positions.toRecord(),
        watermarks: held.watermarks.toRecord(),
      };

/**
 * Lets the store follow the log. The log goes to disk first, so that no power cut leaves the store
 * ahead of it.
 */
export const flush = async (task: TaskContext, held: Acquired): Promise<void> => {
  await task.log.sync();
  const checkpoint = encodeCheckpoint(
    {
      changelogNext: held.changelogNext,
      writtenAtMs: task.clock.now(),
      commit: lastCommit(held),
    },
    task.serdes.commit,
  );
  await held.store.write(held.state.unflushed(), checkpoint);
  held.state.flushed();
  held.lastFlushMs = task.clock.monotonic();
  task.metrics.state({
    topology: task.topology.name,
    partition: task.partition,
    bytes: held.state.sizeBytes,
  });
};

export const flushDue = (task: TaskContext, held: Acquired): boolean =>
  task.clock.monotonic() - held.lastFlushMs >= task.limits.flushIntervalMs;
