import {
  catchError,
  concat,
  concatMap,
  defer,
  EMPTY,
  from,
  fromEvent,
  ignoreElements,
  retry,
  takeUntil,
  tap,
  throwError,
  timer,
  type Observable,
  type ObservableInput,
} from 'rxjs';
import { failureCode, messageOf, TidecastError } from '../core/errors.ts';
import type { Commit } from './commit.ts';
import type { TaskLimits } from './task-context.ts';
import { letGo, type TaskStatus } from './task-status.ts';

/**
 * A failure that no other try can mend gets this many tries all the same: the first may have been
 * bad luck.
 */
export const HOPELESS_ATTEMPTS_MAX = 3;

/** A task from its acquisition to its first failure or its stop. */
export interface Life {
  /** Completes when the task is told to stop; nothing is half done then. */
  run(): Observable<Commit>;
  closeClean(): ObservableInput<unknown>;
  /** Never fails: what went wrong before it is what people should hear of. */
  closeDirty(): ObservableInput<unknown>;
}

export interface TaskRun {
  /**
   * Takes the partition over and rebuilds its state; `failures` is how many lives in a row failed
   * before.
   */
  readonly acquire: (failures: number) => ObservableInput<Life>;
  readonly limits: Pick<TaskLimits, 'backoffMsMin' | 'backoffMsMax'>;
  readonly status: TaskStatus;
  readonly signal: AbortSignal;
  /**
   * Told of each failure, once, and after which pause the task goes on by itself; undefined: it
   * halts.
   */
  readonly onFailure: (error: unknown, backoffMs: number | undefined) => void;
}

const silently = (close: () => ObservableInput<unknown>): Observable<never> =>
  defer(close).pipe(ignoreElements());

const live = ({ acquire, status }: TaskRun, failures: number): Observable<Commit> =>
  defer(() => {
    status.state = 'RESTORING';
    status.isDrained = false;
    status.restoreRemaining = undefined;
    return from(acquire(failures));
  }).pipe(
    concatMap((life) => {
      status.state = 'RUNNING';
      return concat(
        life.run(),
        silently(() => life.closeClean()),
      ).pipe(
        catchError((error: unknown) =>
          concat(
            silently(() => life.closeDirty()),
            throwError(() => error),
          ),
        ),
      );
    }),
  );

const isHopeless = (error: unknown): boolean =>
  !(error instanceof TidecastError) || !error.retriable;

/** Doubles from try to try, up to a ceiling. */
const backoffMs = ({ limits }: TaskRun, failures: number): number =>
  Math.min(limits.backoffMsMax, limits.backoffMsMin * 2 ** (failures - 1));

/**
 * Runs a task until its signal aborts, revived from the log after every failure that trying again
 * may mend.
 */
export const runTask = (run: TaskRun): Observable<Commit> => {
  const { status, signal, onFailure } = run;
  let failures = 0;
  const revive = (error: unknown): Observable<unknown> => {
    // Told to stop before anything was begun: no failure.
    if (signal.aborted && error === signal.reason) return EMPTY;
    failures += 1;
    status.error = messageOf(error);
    status.errorCode = failureCode(error);
    const halts = isHopeless(error) && failures >= HOPELESS_ATTEMPTS_MAX && !signal.aborted;
    const pauseMs = backoffMs(run, failures);
    onFailure(error, halts ? undefined : pauseMs);
    if (signal.aborted) return EMPTY;
    if (halts) return throwError(() => error);
    status.state = 'BACKING_OFF';
    return timer(pauseMs).pipe(takeUntil(fromEvent(signal, 'abort')));
  };
  const close = defer(() => {
    letGo(status);
    return EMPTY;
  });
  return concat(
    defer(() => live(run, failures)).pipe(
      tap(({ isPart }) => {
        if (isPart) return;
        failures = 0;
        status.error = undefined;
        status.errorCode = undefined;
      }),
      retry({ delay: revive }),
    ),
    close,
  ).pipe(
    catchError(() => {
      status.state = 'HALTED';
      status.isDrained = false;
      return EMPTY;
    }),
  );
};
