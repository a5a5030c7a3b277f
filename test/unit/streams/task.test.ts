import { concat, NEVER, of, throwError, type Observable } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { LogError } from '../../../src/log/errors.ts';
import type { Commit } from '../../../src/streams/commit.ts';
import {
  HOPELESS_ATTEMPTS_MAX,
  runTask,
  type Life,
  type TaskRun,
} from '../../../src/streams/task.ts';
import { newStatus, type TaskStatus } from '../../../src/streams/task-status.ts';
import { commitOf, marbles } from './marbles.ts';

const fenced = new LogError('LOG_FENCED', 'fenced', { retriable: true });
const bug = new TypeError('bug');
const c = commitOf(1);

interface Probe extends TaskRun {
  readonly status: TaskStatus;
  readonly told: unknown[];
  readonly closed: string[];
  readonly abort: AbortController;
  readonly failuresBefore: number[];
}

/** A task whose lives are these observables, one after the other, the last one again and again. */
const probe = (...lives: readonly Observable<Commit>[]): Probe => {
  const told: unknown[] = [];
  const closed: string[] = [];
  const failuresBefore: number[] = [];
  const abort = new AbortController();
  const lifeOf = (run: Observable<Commit>): Life => ({
    run: () => run,
    closeClean: () => {
      closed.push('clean');
      return of(undefined);
    },
    closeDirty: () => {
      closed.push('dirty');
      return of(undefined);
    },
  });
  return {
    acquire: (failures) => {
      const life = lives[Math.min(failuresBefore.length, lives.length - 1)] ?? NEVER;
      failuresBefore.push(failures);
      return of(lifeOf(life));
    },
    limits: { backoffMsMin: 10, backoffMsMax: 40 },
    status: newStatus('tally', 'shop', 0),
    signal: abort.signal,
    onFailure: (error) => told.push(error),
    told,
    closed,
    abort,
    failuresBefore,
  };
};

const failing = (error: unknown): Observable<Commit> => throwError(() => error);

describe('a task', () => {
  it('is revived after 10, 20, 40 and then always 40 ms while trying again may help', () => {
    const task = probe(...Array.from({ length: 5 }, () => failing(fenced)), of(c));
    marbles(({ expectObservable }) => {
      expectObservable(runTask(task)).toBe('150ms (c|)', { c });
    });
    expect(task.told).toHaveLength(5);
    expect(task.failuresBefore).toEqual([0, 1, 2, 3, 4, 5]);
    expect(task.closed).toEqual([...Array.from({ length: 5 }, () => 'dirty'), 'clean']);
    expect(task.status).toMatchObject({ state: 'CLOSED', error: undefined });
  });

  it('halts for people to see when no try can help', () => {
    const task = probe(failing(bug));
    marbles(({ expectObservable }) => {
      expectObservable(runTask(task)).toBe('30ms |');
    });
    expect(task.told).toEqual(Array.from({ length: HOPELESS_ATTEMPTS_MAX }, () => bug));
    expect(task.status).toMatchObject({ state: 'HALTED', error: 'bug', isDrained: false });
  });

  it('says with each failure after which pause it goes on, and when it halts', () => {
    const pauses: (number | undefined)[] = [];
    const task = {
      ...probe(failing(bug)),
      onFailure: (_error: unknown, backoffMs: number | undefined) => void pauses.push(backoffMs),
    };
    marbles(({ expectObservable }) => {
      expectObservable(runTask(task)).toBe('30ms |');
    });
    expect(pauses).toEqual([10, 20, undefined]);
  });

  it('forgets its failures with a commit, so that bad luck years apart halts nothing', () => {
    const recovered = concat(of(c), failing(bug));
    const task = probe(recovered, recovered, recovered, recovered, of(c));
    marbles(({ expectObservable }) => {
      expectObservable(runTask(task)).toBe('c 9ms c 9ms c 9ms c 9ms (c|)', { c });
    });
    expect(task.failuresBefore).toEqual([0, 1, 1, 1, 1]);
  });

  it('does not take neighbours of the record that it fails on for a recovery', () => {
    const part = commitOf(1, true);
    const task = probe(concat(of(part), failing(bug)));
    marbles(({ expectObservable }) => {
      expectObservable(runTask(task)).toBe('c 9ms c 19ms (c|)', { c: part });
    });
    expect(task.status.state).toBe('HALTED');
  });

  it('waits no longer when it is stopped between two lives', () => {
    const task = probe(failing(fenced));
    marbles(({ cold, expectObservable }) => {
      cold('-----x').subscribe(() => {
        task.abort.abort();
      });
      expectObservable(runTask(task)).toBe('-----|');
    });
    expect(task.status.state).toBe('CLOSED');
  });

  it('tells nobody when it is stopped before it has begun', () => {
    const task = { ...probe(NEVER), signal: AbortSignal.abort() };
    const acquire = (): Observable<Life> => throwError((): unknown => task.signal.reason);
    marbles(({ expectObservable }) => {
      expectObservable(runTask({ ...task, acquire })).toBe('|');
    });
    expect(task.told).toEqual([]);
    expect(task.status.state).toBe('CLOSED');
  });

  it('closes dirty, and is told of, when closing clean fails; the stop goes on', () => {
    const task = probe(of(c));
    const closed: string[] = [];
    const acquire = (): Observable<Life> =>
      of({
        run: () => of(c),
        closeClean: () => {
          task.abort.abort();
          return throwError(() => fenced);
        },
        closeDirty: () => {
          closed.push('dirty');
          return of(undefined);
        },
      });
    marbles(({ expectObservable }) => {
      expectObservable(runTask({ ...task, acquire })).toBe('(c|)', { c });
    });
    expect(closed).toEqual(['dirty']);
    expect(task.told).toEqual([fenced]);
    expect(task.status.state).toBe('CLOSED');
  });
});
