import type { RunHelpers } from 'rxjs/testing';
import { TestScheduler } from 'rxjs/testing';
import { expect } from 'vitest';
import type { Commit } from '../../../src/streams/commit.ts';

/** Runs a marble diagram in virtual time. */
export const marbles = (run: (helpers: RunHelpers) => void): void => {
  new TestScheduler((actual, expected) => {
    expect(actual).toEqual(expected);
  }).run(run);
};

export const commitOf = (seq: number, isPart = false): Commit => ({
  topology: 'tally',
  partition: 0,
  seq,
  records: 1,
  outputs: 1,
  atEnd: false,
  isPart,
});
