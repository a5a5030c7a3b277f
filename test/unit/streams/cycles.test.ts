import { EMPTY, ignoreElements, mergeMap, of, tap, throwError } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { outbox } from '../../../src/streams/batch.ts';
import { cycles, type Cycle } from '../../../src/streams/cycles.ts';
import { commitOf, marbles } from './marbles.ts';

const polled = { inputs: [], atEnd: false };
const c = commitOf(1);

const base: Cycle = {
  poll: () => of(polled),
  begin: (content) => ({ content, nowMs: 0, outbox: outbox() }),
  process: () => tap(),
  commit: () => of(c),
  recover: (error) => throwError(() => error),
};

describe('the cycles of a task', () => {
  it('poll again only once the commit has completed, and finish it on a stop', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const poll = cold('   --(b|)', { b: polled });
      const commit = cold(' ---(c|)', { c });
      const stop = new AbortController();
      cold('                -------x').subscribe(() => {
        stop.abort();
      });
      const run = cycles({ ...base, poll: () => poll, commit: () => commit }, stop.signal);
      expectObservable(run).toBe('-----c----(c|)', { c });
      expectSubscriptions(poll.subscriptions).toBe(['^-!', '-----^-!']);
      expectSubscriptions(commit.subscriptions).toBe(['--^--!', '-------^--!']);
    });
  });

  it('never begin when the stop came before', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const poll = cold('(b|)', { b: polled });
      const run = cycles({ ...base, poll: () => poll }, AbortSignal.abort());
      expectObservable(run).toBe('|');
      expectSubscriptions(poll.subscriptions).toBe([]);
    });
  });

  it('go on after a failure that was dealt with, and end with one that was not', () => {
    marbles(({ cold, expectObservable }) => {
      const poll = cold('-(b|)', { b: polled });
      const failures = [EMPTY, of(commitOf(2)), throwError(() => 'lost')];
      const run = cycles(
        {
          ...base,
          poll: () => poll,
          process: () => mergeMap(() => throwError(() => 'bug')),
          recover: () => failures.shift() ?? EMPTY,
        },
        new AbortController().signal,
      );
      expectObservable(run).toBe('--d#', { d: commitOf(2) }, 'lost');
    });
  });

  it.each([
    ['swallows a batch', ignoreElements()],
    ['makes two of one', mergeMap(<T>(batch: T) => of(batch, batch))],
  ] as const)('take a program that %s for broken', (_, process) => {
    const errors: unknown[] = [];
    const stop = new AbortController();
    cycles(
      {
        ...base,
        process: () => process,
        recover: (error) => {
          errors.push(error);
          stop.abort();
          return EMPTY;
        },
      },
      stop.signal,
    ).subscribe();
    expect(errors).toHaveLength(1);
  });
});
