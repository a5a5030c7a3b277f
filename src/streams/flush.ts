import type { Acquired } from './acquire.ts';
import { encodeCheckpoint } from './checkpoint.ts';
import type { TaskContext } from './task-context.ts';

/** Lets the store follow the log. The log goes to disk first, so that no power cut leaves the store ahead of it. */
export const flush = async (task: TaskContext, held: Acquired): Promise<void> => {
  await task.log.sync();
  const checkpoint = encodeCheckpoint(
    {
      changelogNext: held.changelogNext,
      commit: {
        seq: held.seq,
        positions: held.positions.toRecord(),
        watermarks: held.watermarks.toRecord(),
      },
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
