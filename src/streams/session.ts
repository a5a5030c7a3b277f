import { catchError, concatMap, defer, EMPTY, from, map, of, repeat, type Observable } from 'rxjs';
import { TidecastError } from '../core/errors.ts';
import type { Acquired } from './acquire.ts';
import { outbox, type Batch, type Polled } from './batch.ts';
import { commit, type Commit } from './commit.ts';
import { flush, flushDue } from './flush.ts';
import { isolate, recordCount } from './isolation.ts';
import { poller, type Poller } from './poller.ts';
import { taskName, type TaskContext } from './task-context.ts';
import type { TaskStatus } from './task-status.ts';
import type { TaskProgram, TaskScope } from './topology.ts';
import { isWatermark } from './watermarks.ts';

export interface SessionOptions {
  readonly task: TaskContext;
  readonly held: Acquired;
  readonly status: TaskStatus;
  readonly signal: AbortSignal;
}

const EMPTY_POLL: Polled = { inputs: [], atEnd: false };

/** One life of a task, from acquire to the first failure or the stop: poll, process, commit, repeat. */
export class Session {
  private readonly task: TaskContext;
  private readonly held: Acquired;
  private readonly status: TaskStatus;
  private readonly signal: AbortSignal;
  private readonly poller: Poller;
  private program: TaskProgram;
  /** Records of a failed batch, to be tried one by one before anything else is read. */
  private isolated: Polled[] = [];
  private isProcessing = false;
  private current: Polled = EMPTY_POLL;

  constructor({ task, held, status, signal }: SessionOptions) {
    this.task = task;
    this.held = held;
    this.status = status;
    this.signal = signal;
    this.program = task.topology.start(this.scope());
    this.poller = poller({
      log: task.log,
      clock: task.clock,
      limits: task.limits,
      positions: held.positions,
      signal,
      paused: () => this.program.paused?.() ?? false,
    });
  }

  /** Stops between batches, never within one. */
  run(): Observable<Commit> {
    return defer(() => this.cycle()).pipe(
      repeat({ delay: () => (this.signal.aborted ? EMPTY : of(undefined)) }),
    );
  }

  /** What was committed goes to the store, so that the next start has nothing to replay. */
  async closeClean(): Promise<void> {
    this.poller.close();
    await flush(this.task, this.held);
    await this.held.producer.close();
    await this.held.store.close();
  }

  /** Memory may be ahead of the log: it is dropped, and the store stays where it was. */
  async closeDirty(): Promise<void> {
    this.poller.close();
    await Promise.allSettled([this.held.producer.close(), this.held.store.close()]);
  }

  private cycle(): Observable<Commit> {
    return from(this.next()).pipe(
      map((polled) => this.begin(polled)),
      this.program.process,
      concatMap((batch) => this.commit(batch)),
      catchError((error: unknown) => this.recover(error)),
    );
  }

  private async next(): Promise<Polled> {
    const isolated = this.isolated.shift();
    if (isolated !== undefined) return isolated;
    return this.program.pending?.() === true ? EMPTY_POLL : this.poller.poll();
  }

  private begin(polled: Polled): Batch<Polled> {
    this.current = polled;
    this.isProcessing = true;
    return { content: polled, nowMs: this.task.clock.now(), outbox: outbox() };
  }

  private async commit(batch: Batch<unknown>): Promise<Commit> {
    this.isProcessing = false;
    const startedMs = this.task.clock.monotonic();
    const { inputs, atEnd } = this.current;
    const written = await commit(this.task, this.held, { inputs, batch });
    if (flushDue(this.task, this.held)) await flush(this.task, this.held);
    const done: Commit = {
      topology: this.task.topology.name,
      partition: this.task.partition,
      seq: this.held.seq,
      records: recordCount(this.current),
      outputs: batch.outbox.records.length,
      atEnd,
    };
    this.report(done, written);
    if (written) {
      const durationMs = this.task.clock.monotonic() - startedMs;
      this.task.metrics.committed({ ...done, durationMs });
    }
    return done;
  }

  private report(done: Commit, written: boolean): void {
    const { status, held } = this;
    if (written) status.commits += 1;
    status.positions = held.positions.list.map(({ topic, partition, next }) => ({
      topic,
      partition,
      next,
    }));
    status.watermark = held.watermarks.least;
    const isPending = this.isolated.length > 0 || this.program.pending?.() === true;
    status.isDrained = done.records === 0 && !written && !isPending && done.atEnd;
  }

  /** Only a failure of the processing itself is tried again here; after any other the task must ask the log. */
  private recover(error: unknown): Observable<Commit> {
    if (!this.isProcessing || (error instanceof TidecastError && error.retriable)) throw error;
    this.undo();
    const failed = this.current;
    const count = recordCount(failed);
    if (count === 0) throw error;
    if (count > 1) {
      this.isolated = [...isolate(failed), ...this.isolated];
      return EMPTY;
    }
    return defer(() => this.commit(this.refuse(failed, error)));
  }

  private undo(): void {
    this.held.state.rollback();
    this.held.watermarks.rollback();
    this.program = this.task.topology.start(this.scope());
  }

  /** The batch that puts the culprit aside instead of processing it. A watermark is never skipped. */
  private refuse(failed: Polled, error: unknown): Batch<unknown> {
    const record = failed.inputs.flatMap(({ records }) => records)[0];
    if (record === undefined || isWatermark(record)) throw error;
    this.isProcessing = false;
    const batch: Batch<unknown> = {
      content: undefined,
      nowMs: this.task.clock.now(),
      outbox: outbox(),
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
