import { describe, expect, it } from 'vitest';
import type { Acquired } from '../../../src/streams/acquire.ts';
import { flushDue } from '../../../src/streams/flush.ts';
import type { TaskContext } from '../../../src/streams/task-context.ts';

const EVERY_MS = 30_000;

/** Whether a store is to follow the log, so long after it did so in `flushMs`. */
const isDue = (afterMs: number, flushMs: number): boolean => {
  const task = { clock: { monotonic: () => afterMs }, limits: { flushIntervalMs: EVERY_MS } };
  // What else they hold is not asked for.
  return flushDue(task as TaskContext, { lastFlushMs: 0, flushMs } as Acquired);
};

describe('a store that follows the log', () => {
  it('does so at its interval while that costs little', () => {
    expect(isDue(EVERY_MS - 1, 1_000)).toBe(false);
    expect(isDue(EVERY_MS, 1_000)).toBe(true);
  });

  it('spends a twentieth of the time on it where state is large', () => {
    expect(isDue(59_999, 3_000)).toBe(false);
    expect(isDue(60_000, 3_000)).toBe(true);
  });

  it('is never behind by more than ten intervals', () => {
    expect(isDue(10 * EVERY_MS - 1, 3_600_000)).toBe(false);
    expect(isDue(10 * EVERY_MS, 3_600_000)).toBe(true);
  });
});
