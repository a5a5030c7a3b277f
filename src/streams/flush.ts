import type { Acquired } from './acquire.ts';
import { encodeCheckpoint } from './checkpoint.ts';
import type { CommitRecord } from '../schemas/commit-record.ts';
import type { TaskContext } from './task-context.ts';

/** A flush may take this share of a task's time: where state is large, stores follow less often. */
const FLUSH_SHARE = 0.05;

/** How many times their interval stores stay behind at most: what a restart must then replay. */
const DELAY_MAX = 10;

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
  const begunMs = task.clock.monotonic();
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
  held.flushMs = held.lastFlushMs - begunMs;
  task.metrics.state({
    topology: task.topology.name,
    partition: task.partition,
    bytes: held.state.sizeBytes,
  });
};

export const flushDue = ({ clock, limits }: TaskContext, held: Acquired): boolean => {
  const { flushIntervalMs } = limits;
  const rare = Math.min(held.flushMs / FLUSH_SHARE, DELAY_MAX * flushIntervalMs);
  return clock.monotonic() - held.lastFlushMs >= Math.max(flushIntervalMs, rare);
};
