import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { Tail, TailCache, type WrittenFrame } from '../../../../src/log/embedded/tail-cache.ts';

const frameOf = (next: number): WrittenFrame =>
  // A tail looks at these members alone.
  ({ next, bytes: Buffer.alloc(600), isAborted: false }) as WrittenFrame;

/** Collects what nothing holds any more. */
const collect = (): void => {
  setFlagsFromString('--expose-gc');
  // What the flag puts into a new context.
  (runInNewContext('gc') as () => void)();
};

describe('the tail cache', () => {
  it('lets go of a frame as soon as it is over its bound, not some frames later', async () => {
    const cache = new TailCache(1_000);
    const tail = new Tail(0);
    const held: WeakRef<WrittenFrame>[] = [];
    for (let next = 1; next <= 10; next += 1) {
      const frame = frameOf(next);
      held.push(new WeakRef(frame));
      cache.add(tail, frame);
    }
    // A WeakRef holds on until the turn of the event loop in which it was made is over.
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
    collect();
    expect(held.filter((frame) => frame.deref() !== undefined)).toHaveLength(1);
    expect(tail.at(9)?.next).toBe(10);
    expect(tail.from).toBe(9);
  });

  it('finds nothing from before a time in which nobody followed', () => {
    const cache = new TailCache(1_500);
    const tail = new Tail(0);
    cache.add(tail, frameOf(1));
    tail.skipTo(3);
    cache.add(tail, frameOf(4));
    expect([tail.from, tail.at(3)?.next]).toEqual([3, 4]);
    // The first frame makes room; what is in memory still begins after the gap.
    cache.add(tail, frameOf(5));
    expect([tail.from, tail.at(3)?.next, tail.at(4)?.next]).toEqual([3, 4, 5]);
    cache.add(tail, frameOf(6));
    expect(tail.from).toBe(4);
  });
});
