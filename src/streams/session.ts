import { concat, defer, EMPTY, type Observable, type ObservableInput } from 'rxjs';
import { TidecastError } from '../core/errors.ts';
import { RecordPacker } from '../log/record-packer.ts';
import { turnOfOthers } from '../core/turn-of-others.ts';
import { acquire, release, type Acquired } from './acquire.ts';
import { outbox, recordCount, tellCounts, type Batch, type PolledSources } from './batch.ts';
import { catchUpGroup, commit, prepare, type Commit, type PreparedCommit } from './commit.ts';
import { cycles, type Cycle } from './cycles.ts';
import { halve } from './isolation.ts';
import { poller, type Poller } from './poller.ts';
import { storeFollower, type StoreFollower } from './store-follower.ts';
import type { Life } from './task.ts';
import { takeOver } from './take-over.ts';
import { taskName, type TaskContext } from './task-context.ts';
import type { TaskStatus } from './task-status.ts';
import { partitionedSources, type Process, type TaskProgram, type TaskScope } from './topology.ts';
import { isWatermark } from './watermarks.ts';

export interface SessionOptions {
  readonly task: TaskContext;
  readonly held: Acquired;
  readonly status: TaskStatus;
  readonly signal: AbortSignal;
}

const EMPTY_POLL: PolledSources = { inputs: [], atEnd: false };

/**
 * One life of a task, from acquire to the first failure or the stop: poll, process, commit, repeat.
 */
export class Session implements Life, Cycle {
  private readonly task: TaskContext;
  private readonly held: Acquired;
  private readonly status: TaskStatus;
  private readonly signal: AbortSignal;
  private readonly poller: Poller;
  private readonly follower: StoreFollower;
  private program: TaskProgram;
  /** Parts of a failed batch, to be tried one after the other before anything else is read. */
  private parts: PolledSources[] = [];
  private isPart = false;
  /** true from the poll to the first call of the log: what fails then can be undone in memory. */
  private isUndoable = false;
  private current: PolledSources = EMPTY_POLL;
  /** One batch is over when the next begins, and so is what the log needs of its memory. */
  private readonly records = new RecordPacker();

  constructor({ task, held, status, signal }: SessionOptions) {
    this.task = task;
    this.held = held;
    this.status = status;
    this.signal = signal;
    this.program = task.topology.start(this.scope());
    this.follower = storeFollower(task, held);
    this.poller = poller({
      log: task.log,
      clock: task.clock,
      limits: task.limits,
      positions: held.positions,
      signal,
      paused: () => this.program.paused?.() ?? false,
    });
    this.tellPlace();
    // The first life counts from its beginning; others have done nothing yet.
    status.progressAtMs ??= task.clock.monotonic();
  }

  /** Stops between batches, never within one. */
  run(): Observable<Commit> {
    return cycles(this, this.signal);
  }

  /** What was committed goes to the store, so that the next start has nothing to replay. */
  async closeClean(): Promise<void> {
    this.poller.close();
    await this.follower.finish();
    await this.held.producer.close();
    await this.held.store.close();
  }

  /** Memory may be ahead of the log: it is dropped, and the store stays where it was. */
  async closeDirty(): Promise<void> {
    this.poller.close();
    await this.follower.settled();
    await release(this.held);
  }

  /**
   * Work that a batch left comes before the rest of the batch that failed, and that before anything
   * new.
   */
  async poll(): Promise<PolledSources> {
    // A task whose records lie in memory never waits for anything else, as long as there are any.
    await turnOfOthers();
    if (this.program.pending?.() === true) return EMPTY_POLL;
    const part = this.parts.shift();
    this.isPart = part !== undefined;
    return part ?? this.poller.poll();
  }

  begin(polled: PolledSources): Batch<PolledSources> {
    this.current = polled;
    this.isUndoable = true;
    // A batch may take minutes, and whoever waits for the task must not think it idle meanwhile.
    if (recordCount(polled) > 0) this.status.isDrained = false;
    return { content: polled, nowMs: this.task.clock.now(), outbox: outbox(this.records) };
  }

  process(): Process {
    return this.program.process;
  }

  /**
   * The store follows after the commit has been told: when it cannot, what was committed still is.
   */
  commit(batch: Batch<unknown>): Observable<Commit> {
    return concat(
      defer(() => this.write(batch)),
      defer(() => {
        this.follower.step();
        return EMPTY;
      }),
    );
  }

  /**
   * Only a failure of the processing itself is tried again here; after any other the task must ask
   * the log.
   */
  recover(error: unknown): ObservableInput<Commit> {
    if (!this.isUndoable) throw error;
    // Cut short by the stop: whoever has the task next does it again.
    if (this.signal.aborted) return this.undone();
    if (error instanceof TidecastError && error.retriable) throw error;
    const failed = this.current;
    const count = recordCount(failed);
    if (count === 0) throw error;
    this.undo();
    if (count === 1) return this.commit(this.refuse(failed, error));
    this.parts.unshift(...halve(failed));
    return EMPTY;
  }

  private async write(batch: Batch<unknown>): Promise<Commit> {
    const { task, held } = this;
    const { inputs } = this.current;
    const prepared = prepare(task, held, { inputs, batch });
    this.isUndoable = false;
    if (prepared !== undefined) await this.send(prepared, batch);
    else await catchUpGroup(task, held);
    held.positions.advance(inputs);
    const done: Commit = {
      topology: task.topology.name,
      partition: task.partition,
      seq: held.seq,
      records: recordCount(this.current),
      outputs: prepared?.outputCount ?? 0,
      atEnd: this.current.atEnd,
      isPart: this.isPart || this.parts.length > 0,
    };
    this.report(done, prepared !== undefined);
    return done;
  }

  private async send(prepared: PreparedCommit, { outbox: staged }: Batch<unknown>): Promise<void> {
    const { task, held, current } = this;
    const { metrics, clock, topology, partition } = task;
    const startedMs = clock.monotonic();
    const { stream } = topology;
    try {
      await commit(task, held, prepared);
    } catch (error) {
      metrics.uncommitted({ stream, topology: topology.name });
      throw error;
    }
    for (const reason of staged.refusals) {
      metrics.deadLettered({ stream, topology: topology.name, reason });
    }
    tellCounts(staged);
    metrics.committed({
      stream,
      topology: topology.name,
      partition,
      records: recordCount(current),
      outputs: prepared.outputCount,
      durationMs: clock.monotonic() - startedMs,
    });
  }

  private report(done: Commit, written: boolean): void {
    const { status, held, task } = this;
    this.tellPlace();
    if (written) {
      status.commits += 1;
      status.progressAtMs = task.clock.monotonic();
    }
    status.stateBytes = held.state.sizeBytes;
    task.metrics.state({
      stream: task.topology.stream,
      topology: task.topology.name,
      partition: task.partition,
      bytes: status.stateBytes,
    });
    const isPending = this.parts.length > 0 || this.program.pending?.() === true;
    status.isDrained = done.records === 0 && !written && !isPending && done.atEnd;
  }

  /** Where it stands: also before its first commit. */
  private tellPlace(): void {
    const { status, held } = this;
    status.positions = held.positions.toRecord();
    status.watermark = this.watermark();
  }

  /** Ingest is the one that speaks for its partition; all others hear of every partition. */
  private watermark(): number {
    const { watermarks } = this.held;
    const { topology, partition } = this.task;
    for (const topic of partitionedSources(topology)) {
      const own = watermarks.get(topic, partition);
      if (own !== undefined) return own.watermark;
    }
    return watermarks.least;
  }

  private undone(): Observable<never> {
    this.undo();
    return EMPTY;
  }

  private undo(): void {
    this.isUndoable = false;
    this.held.state.rollback();
    this.held.watermarks.rollback();
    this.program = this.task.topology.start(this.scope());
  }

  /**
   * The batch that puts the culprit aside instead of processing it. A watermark is never skipped.
   */
  private refuse(failed: PolledSources, error: unknown): Batch<unknown> {
    const record = failed.inputs.flatMap(({ records }) => records)[0];
    if (record === undefined || isWatermark(record)) throw error;
    const batch: Batch<unknown> = {
      content: undefined,
      nowMs: this.task.clock.now(),
      outbox: outbox(this.records),
    };
    const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
    this.task.deadLetters(batch.outbox, record, { reason: 'PROCESSING_FAILED', detail });
    return batch;
  }

  private scope(): TaskScope {
    const { task, held } = this;
    return {
      stream: task.topology.stream,
      partition: task.partition,
      task: taskName(task),
      state: held.state,
      watermarks: held.watermarks,
      deadLetters: task.deadLetters,
      signal: this.signal,
    };
  }
}

export interface LifeOptions {
  readonly task: TaskContext;
  readonly status: TaskStatus;
  readonly signal: AbortSignal;
  /** How many lives in a row failed before this one. */
  readonly failures: number;
}

/**
 * After a failure batches are smaller, halved each time: a transaction that timed out for its size
 * cannot be told from one that a rival fenced, and batching is invisible anyway.
 */
const cautious = (task: TaskContext, failures: number): TaskContext => {
  const batchRecordsMax = Math.max(1, Math.floor(task.limits.batchRecordsMax / 2 ** failures));
  return failures === 0 ? task : { ...task, limits: { ...task.limits, batchRecordsMax } };
};

/** Acquires a task's partition and starts its program. */
export const openSession = async (options: LifeOptions): Promise<Session> => {
  const { status, signal, failures } = options;
  const task = cautious(options.task, failures);
  const held = await acquire(task, signal, (remaining) => {
    status.restoreRemaining = remaining;
  });
  try {
    signal.throwIfAborted();
    if (held.state.hasKin) await takeOver(task, held);
    return new Session({ task, held, status, signal });
  } catch (error) {
    await release(held);
    throw error;
  }
};
