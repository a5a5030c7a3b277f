import { describe, expect, it } from 'vitest';
import type { Log, LogReader } from '../../../src/log/log.ts';
import { offset } from '../../../src/log/offset.ts';
import type { FollowedTopic } from '../../../src/online/followed-topics.ts';
import { openFollower } from '../../../src/online/follower.ts';
import { ViewProgress } from '../../../src/online/view-progress.ts';
import { until } from '../../contracts/log-harness.ts';

const opened = () => {
  const now = { ms: 0, end: 10, next: 10, isGone: false, woken: 0 };
  const told: string[] = [];
  const progress = new ViewProgress({
    log: {
      offsetsOf: async () => {
        if (now.isGone) throw new Error('gone');
        const { end } = now;
        // What is open cannot be read, and is no lag; what the view does not follow neither.
        const ends = { start: offset(0), stableEnd: offset(end), end: offset(end + 5) };
        return [{ topic: 'scores', offsets: [ends, ends] }];
      },
    },
    clock: { now: () => 0, monotonic: () => now.ms },
    topics: ['scores'],
    positions: () => new Map([['scores/0', now.next]]),
    wake: () => (now.woken += 1),
    onHeldUp: (reason) => told.push(reason),
  });
  const lookAt = async (seconds: number): Promise<ViewProgress> => {
    now.ms = seconds * 1_000;
    await progress.look();
    return progress;
  };
  return { now, told, lookAt };
};

describe('a view', () => {
  it('is held up while the log does not answer, and says so once', async () => {
    const { now, told, lookAt } = opened();
    expect(await lookAt(5)).toMatchObject({ lagRecords: 0, ageMs: 0, reason: undefined });
    now.isGone = true;
    expect(await lookAt(35)).toMatchObject({ lagRecords: undefined, reason: undefined });
    const reason = 'the view has not come on for 31 s: the log does not answer';
    expect(await lookAt(36)).toMatchObject({ ageMs: 31_000, reason });
    await lookAt(40);
    expect(told).toEqual([reason]);
    now.isGone = false;
    expect((await lookAt(50)).reason).toBeUndefined();
    now.isGone = true;
    await lookAt(90);
    expect(told).toHaveLength(2);
  });

  it('is held up while it stands still before the end, and not while it comes nearer', async () => {
    const { now, lookAt } = opened();
    await lookAt(0);
    expect(now.woken).toBe(0);
    now.end = 100;
    for (const next of [20, 30, 40]) {
      now.next = next;
      expect(await lookAt(next)).toMatchObject({ lagRecords: 100 - next, ageMs: 0 });
    }
    expect(now.woken).toBe(3);
    expect((await lookAt(71)).reason).toBe('the view has not come on for 31 s: 60 offsets remain');
  });

  it('notes what lies behind the last record when woken, though no record comes', async () => {
    let end = 10;
    const reader: LogReader = {
      ...{ topic: 'scores', partition: 0, seek: () => undefined, close: () => undefined },
      poll: async () => ({ records: [], next: offset(end) }),
      // As on Kafka, where only records end it.
      more: (signal) => new Promise((resolve) => signal.addEventListener('abort', () => resolve())),
    };
    const state = { topic: 'scores', offsets: [{ start: offset(0) }] };
    const stopping = new AbortController();
    const follower = await openFollower({
      // Of a log, this is all that a follower asks for.
      log: { offsetsOf: async () => [state], reader: () => reader } as unknown as Log,
      topics: [{ topic: 'scores' } as FollowedTopic],
      clock: { now: () => 0, monotonic: () => 0 },
      signal: stopping.signal,
      positions: new Map(),
      apply: () => undefined,
    });
    const done = follower.run();
    const isAt = (next: number) => () => follower.positions.get('scores/0') === next;
    await until(isAt(10));
    end = 11;
    follower.wake();
    await until(isAt(11));
    stopping.abort();
    await done;
  });
});
