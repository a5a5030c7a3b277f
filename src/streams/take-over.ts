import { assert } from '../core/assert.ts';
import { RecordPacker } from '../log/record-packer.ts';
import type { Acquired } from './acquire.ts';
import { outbox, type Batch } from './batch.ts';
import { commit, prepare } from './commit.ts';
import type { TaskContext } from './task-context.ts';

/**
 * Takes over what an earlier configuration kept in stores of another size. One commit deletes every
 * block of them and writes the new ones, at the same positions: whoever restores finds the one or
 * the other, whole. The task's store on disk holds nothing yet, and follows as after any commit.
 */
export const takeOver = async (task: TaskContext, held: Acquired): Promise<void> => {
  const batch: Batch<undefined> = {
    content: undefined,
    nowMs: task.clock.now(),
    outbox: outbox(new RecordPacker()),
  };
  const changelog = batch.outbox.records.of(task.changelog, task.partition);
  held.state.takeOverKin((prefix, key) => {
    changelog.addTombstone(key, prefix);
  });
  const prepared = prepare(task, held, { inputs: [], batch });
  assert(prepared !== undefined, 'there was nothing to take over');
  await commit(task, held, prepared);
};
