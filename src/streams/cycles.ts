import {
  catchError,
  concatMap,
  defer,
  EMPTY,
  map,
  of,
  repeat,
  single,
  type Observable,
  type ObservableInput,
} from 'rxjs';
import type { Batch, PolledSources } from './batch.ts';
import type { Commit } from './commit.ts';
import type { Process } from './topology.ts';

/** One turn of a task, step by step. */
export interface Cycle {
  poll(): ObservableInput<PolledSources>;
  begin(polled: PolledSources): Batch<PolledSources>;
  /** Asked for at each turn, since a program is made anew after a failure. */
  process(): Process;
  commit(batch: Batch<unknown>): ObservableInput<Commit>;
  /** Deals with what failed in this turn, or throws it on. */
  recover(error: unknown): ObservableInput<Commit>;
}

/**
 * Poll, process, commit, and again: pulled, one batch at a time, so that there is a point at which
 * everything is decided. A stop is heard between two turns, never within one.
 */
export const cycles = (cycle: Cycle, signal: AbortSignal): Observable<Commit> =>
  defer(() => (signal.aborted ? EMPTY : cycle.poll())).pipe(
    concatMap((polled) =>
      of(polled).pipe(
        map((one) => cycle.begin(one)),
        cycle.process(),
        // A program that swallowed a batch would skip its records; one that doubled it would commit
        // halves.
        single(),
        concatMap((batch) => cycle.commit(batch)),
      ),
    ),
    catchError((error: unknown) => cycle.recover(error)),
    repeat({ delay: () => (signal.aborted ? EMPTY : of(undefined)) }),
  );
