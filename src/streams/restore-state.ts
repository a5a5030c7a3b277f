import { StateError } from '../state/errors.ts';
import type { Store } from '../state/store.ts';
import { TaskState } from '../state/task-state.ts';
import { restore, type Restored, type RestoreOptions } from './restore-task.ts';

export interface RestoreStateOptions extends Omit<RestoreOptions, 'state'> {
  /** An empty store in the place of the one that is open. */
  readonly emptyStore: () => Promise<Store>;
}

export interface RestoredState extends Restored {
  readonly state: TaskState;
  /** That from which the state was read, or the empty one that took its place. */
  readonly store: Store;
}

export const isDamage = (error: unknown): boolean =>
  error instanceof StateError && error.code === 'STATE_CORRUPT';

/**
 * undefined: the store turned out to be damaged, or holds pages of stores that were of another size
 * once, and would pass for what they hold now when they are of that size again.
 */
const fromBoth = async (options: RestoreStateOptions): Promise<RestoredState | undefined> => {
  const { task, store, checkpoint } = options;
  const state = new TaskState(task.topology.stores);
  try {
    const restored = await restore({ ...options, state });
    if (state.isResized) return undefined;
    return { ...restored, commit: restored.commit ?? checkpoint?.commit, state, store };
  } catch (error) {
    if (isDamage(error)) return undefined;
    throw error;
  }
};

/**
 * Rebuilds state from the store and the changelog behind it, or, where the store cannot be read to
 * its end, or was sized otherwise, from the changelog alone.
 */
export const restoreState = async (options: RestoreStateOptions): Promise<RestoredState> => {
  const { task, checkpoint, emptyStore } = options;
  const restored = checkpoint === undefined ? undefined : await fromBoth(options);
  if (restored !== undefined) return restored;
  const state = new TaskState(task.topology.stores);
  const store = checkpoint === undefined ? options.store : await emptyStore();
  const whole = await restore({ ...options, store, state, checkpoint: undefined });
  return { ...whole, state, store };
};
