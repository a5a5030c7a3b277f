import type { Clock } from '../core/clock.ts';
import type { Log } from '../log/log.ts';
import type { Store } from '../state/store.ts';
import type { TaskState } from '../state/task-state.ts';
import type { Acquired } from './acquire.ts';
import { encodeCheckpoint } from './checkpoint.ts';
import type { TaskContext, TaskLimits } from './task-context.ts';

/** In how many parts a round of the usual size goes to the store. */
const PARTS_A_ROUND = 30;

export interface FollowerTask {
  readonly log: Pick<Log, 'sync'>;
  readonly clock: Clock;
  readonly limits: Pick<TaskLimits, 'flushIntervalMs' | 'flushPagesMax'>;
}

export interface Followed {
  readonly store: Store;
  readonly state: TaskState;
  /** What the store will hold once everything committed up to now is in it. */
  readonly checkpoint: () => Uint8Array;
}

/**
 * Lets a store follow its task, a part at a time and beside it, so that no batch waits for it. A
 * round takes what was unwritten at its begin; its checkpoint is of that instant and is written
 * with the last part. Pages go as they stand when their part is taken, which may be later: the
 * changelog holds whole blocks from the checkpoint on. Before each part the log goes to disk, so
 * that no power cut leaves the store ahead of it.
 */
export class StoreFollower {
  private readonly task: FollowerTask;
  private readonly followed: Followed;
  /** The checkpoint of the round that is under way. */
  private round: Uint8Array | undefined;
  private roundDueMs: number;
  private partDueMs = -Infinity;
  private writing: Promise<void> | undefined;
  private failure: { readonly error: unknown } | undefined;

  constructor(task: FollowerTask, followed: Followed) {
    this.task = task;
    this.followed = followed;
    this.roundDueMs = task.clock.monotonic() + task.limits.flushIntervalMs;
  }

  /**
   * Takes the next part when it is due and the one before it is written. To be called between
   * batches; throws what the one before it failed with.
   */
  step(): void {
    this.refuseFailed();
    const nowMs = this.task.clock.monotonic();
    if (this.writing !== undefined || nowMs < this.partDueMs) return;
    if (this.round === undefined) {
      if (nowMs < this.roundDueMs) return;
      this.begin(nowMs);
    }
    this.take(nowMs);
  }

  /** Writes everything that was committed, with the checkpoint of now. */
  async finish(): Promise<void> {
    await this.settled();
    await this.takeRest();
    this.begin(this.task.clock.monotonic());
    await this.takeRest();
  }

  /** Waits for the part that is being written, whatever becomes of it. */
  async settled(): Promise<void> {
    await this.writing;
  }

  private begin(nowMs: number): void {
    this.round = this.followed.checkpoint();
    this.followed.state.beginFlush();
    this.roundDueMs = nowMs + this.task.limits.flushIntervalMs;
  }

  private async takeRest(): Promise<void> {
    this.refuseFailed();
    while (this.round !== undefined) {
      this.take(this.task.clock.monotonic());
      await this.settled();
      this.refuseFailed();
    }
  }

  private take(nowMs: number): void {
    const { store, state } = this.followed;
    const { flushIntervalMs, flushPagesMax } = this.task.limits;
    const entries = state.takeUnflushed(flushPagesMax);
    const isLast = entries.length < flushPagesMax;
    const checkpoint = isLast ? this.round : undefined;
    if (isLast) this.round = undefined;
    this.partDueMs = nowMs + flushIntervalMs / PARTS_A_ROUND;
    const written = store.write(entries, {
      ...(checkpoint === undefined ? {} : { checkpoint }),
      after: this.task.log.sync(),
    });
    this.writing = written.then(
      () => {
        this.writing = undefined;
      },
      (error: unknown) => {
        this.writing = undefined;
        this.failure = { error };
      },
    );
  }

  private refuseFailed(): void {
    if (this.failure !== undefined) throw this.failure.error;
  }
}

/** The follower of what a task holds. */
export const storeFollower = (task: TaskContext, held: Acquired): StoreFollower =>
  new StoreFollower(task, {
    store: held.store,
    state: held.state,
    checkpoint: () => {
      const { seq, changelogNext, positions, watermarks } = held;
      const commit =
        seq === 0
          ? undefined
          : {
              ...{ seq, positions: positions.toRecord(), watermarks: watermarks.toRecord() },
              frequency: task.topology.frequency ?? '',
            };
      const writtenAtMs = task.clock.now();
      return encodeCheckpoint({ changelogNext, writtenAtMs, commit }, task.serdes.commit);
    },
  });
