import {
  catchError,
  concat,
  concatMap,
  defer,
  EMPTY,
  fromEvent,
  ignoreElements,
  retry,
  takeUntil,
  throwError,
  timer,
  type Observable,
} from 'rxjs';
import { TidecastError } from '../core/errors.ts';
import { acquire } from './acquire.ts';
import type { Commit } from './commit.ts';
import { Session } from './session.ts';
import type { TaskContext } from './task-context.ts';
import type { TaskStatus } from './task-status.ts';

/** A failure that no other try can mend gets this many tries all the same: the first may have been bad luck. */
const HOPELESS_ATTEMPTS_MAX = 3;

export interface TaskRun {
  readonly task: TaskContext;
  readonly status: TaskStatus;
  readonly signal: AbortSignal;
  /** Told of each failure, once; the task goes on by itself. */
  readonly onFailure: (error: unknown, task: TaskContext) => void;
}

const live = ({ task, status, signal }: TaskRun): Observable<Commit> =>
  defer(() => {
    status.state = 'RESTORING';
    status.isDrained = false;
    return acquire(task);
  }).pipe(
    concatMap((held) => {
      status.state = 'RUNNING';
      const session = new Session({ task, held, status, signal });
      const closed = defer(() => session.closeClean()).pipe(ignoreElements());
      return concat(session.run(), closed).pipe(
        catchError((error: unknown) =>
          concat(
            defer(() => session.closeDirty()).pipe(ignoreElements()),
            throwError(() => error),
          ),
        ),
      );
    }),
  );

const isHopeless = (error: unknown): boolean =>
  !(error instanceof TidecastError) || !error.retriable;

/** Doubles from try to try, up to a ceiling. */
const backoffMs = ({ limits }: TaskContext, attempt: number): number =>
  Math.min(limits.backoffMsMax, limits.backoffMsMin * 2 ** (attempt - 1));

const codeOf = (error: unknown): string => (error instanceof TidecastError ? error.code : 'BUG');

/** Runs a task until its signal aborts, revived from the log after every failure that trying again may mend. */
export const runTask = (run: TaskRun): Observable<Commit> => {
  const { task, status, signal, onFailure } = run;
  return live(run).pipe(
    retry({
      resetOnSuccess: true,
      delay: (error: unknown, attempt) => {
        task.metrics.failed({
          topology: task.topology.name,
          partition: task.partition,
          code: codeOf(error),
        });
        status.error = error instanceof Error ? error.message : String(error);
        status.state = 'BACKING_OFF';
        onFailure(error, task);
        if (signal.aborted) return EMPTY;
        if (isHopeless(error) && attempt >= HOPELESS_ATTEMPTS_MAX) return throwError(() => error);
        const stopped = fromEvent(signal, 'abort');
        return timer(backoffMs(task, attempt)).pipe(takeUntil(stopped));
      },
    }),
    catchError((error: unknown) => {
      status.state = 'HALTED';
      status.error = error instanceof Error ? error.message : String(error);
      return EMPTY;
    }),
  );
};
