import { finalize, type Subscription } from 'rxjs';
import { TidecastError } from '../core/errors.ts';
import type { AssignmentListener } from '../log/log.ts';
import type { Commit } from './commit.ts';
import { openSession } from './session.ts';
import { runTask } from './task.ts';
import type { TaskContext } from './task-context.ts';
import { letGo, newStatus, type TaskStatus } from './task-status.ts';

export interface SupervisorOptions {
  readonly make: (partition: number) => TaskContext;
  /** Resolves once the group has said anew what is this process's, or the signal aborts. */
  readonly confirmed: (signal: AbortSignal) => Promise<void>;
  readonly onCommit?: (commit: Commit) => void;
  /** As a task tells of its failures, with the task. */
  readonly onFailure: (error: unknown, task: TaskContext, backoffMs: number | undefined) => void;
}

interface RunningTask {
  readonly abort: AbortController;
  readonly ended: Promise<void>;
}

const codeOf = (error: unknown): string => (error instanceof TidecastError ? error.code : 'BUG');

/** Runs the tasks of one topology that this process is given, and stops those that it loses. */
export class Supervisor implements Omit<AssignmentListener, 'failed'> {
  readonly statuses: TaskStatus[] = [];
  private readonly options: SupervisorOptions;
  /** What the group says now; `running` follows as fast as tasks end. */
  private readonly owned = new Set<number>();
  private readonly running = new Map<number, RunningTask>();
  private isStopped = false;

  constructor(options: SupervisorOptions) {
    this.options = options;
  }

  assigned(partition: number): void {
    if (this.isStopped) return;
    this.owned.add(partition);
    if (!this.running.has(partition)) this.start(partition);
  }

  lost(partition: number): void {
    this.owned.delete(partition);
    this.running.get(partition)?.abort.abort();
    const halted = this.statuses.find((one) => one.partition === partition);
    // It is another worker's now, as after any end; but at a stop people are to hear that it had.
    if (halted?.state === 'HALTED' && !this.isStopped) letGo(halted);
  }

  async stop(): Promise<void> {
    this.isStopped = true;
    const tasks = [...this.running.values()];
    for (const partition of [...this.owned]) this.lost(partition);
    await Promise.all(tasks.map(({ ended }) => ended));
  }

  private start(partition: number): void {
    const { make, confirmed, onCommit, onFailure } = this.options;
    const task = make(partition);
    const abort = new AbortController();
    const { signal } = abort;
    const status = this.statusOf(task);
    let subscription: Subscription | undefined;
    const ended = new Promise<void>((resolve) => {
      subscription = runTask({
        acquire: async (failures) => {
          // It may have failed because another owns the partition by now: to claim it then would
          // fence the owner, who would do the same, and so on.
          if (failures > 0) await confirmed(signal);
          return openSession({ task, status, signal, failures });
        },
        limits: task.limits,
        status,
        signal,
        onFailure: (error, backoffMs) => {
          const { metrics, topology } = task;
          metrics.failed({ topology: topology.name, partition, code: codeOf(error) });
          onFailure(error, task, backoffMs);
        },
      })
        .pipe(finalize(resolve))
        .subscribe((commit) => onCommit?.(commit));
    });
    this.running.set(partition, {
      abort,
      ended: ended.then(() => {
        subscription?.unsubscribe();
        this.running.delete(partition);
        // Lost and given again while it was ending. One that halted by itself waits for a new
        // assignment.
        if (signal.aborted && this.owned.has(partition)) this.start(partition);
      }),
    });
  }

  private statusOf({ topology, partition }: TaskContext): TaskStatus {
    const known = this.statuses.find((status) => status.partition === partition);
    if (known !== undefined) return known;
    const status = newStatus(topology.name, topology.stream, partition);
    this.statuses.push(status);
    return status;
  }
}
