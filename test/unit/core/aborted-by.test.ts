import { describe, expect, it } from 'vitest';
import { abortedBy } from '../../../src/core/aborted-by.ts';
import { hungOn } from '../../support/hung-on.ts';

describe('a controller that others abort too', () => {
  it('aborts with each of them, and with those that have', () => {
    const [one, two] = [new AbortController(), new AbortController()];
    const own = abortedBy(one.signal, two.signal);
    expect(own.signal.aborted).toBe(false);
    two.abort();
    expect(own.signal.aborted).toBe(true);
    expect(one.signal.aborted).toBe(false);
    expect(abortedBy(one.signal, two.signal).signal.aborted).toBe(true);
  });

  it('leaves nothing at the others once it is aborted, by whomever', () => {
    const long = new AbortController();
    const short = new AbortController();
    for (let count = 0; count < 5; count += 1) {
      const own = abortedBy(long.signal, short.signal);
      expect(hungOn(long.signal)).toBe(1);
      own.abort();
      expect(hungOn(long.signal)).toBe(0);
    }
    abortedBy(long.signal, short.signal);
    short.abort();
    abortedBy(long.signal, short.signal);
    expect(hungOn(long.signal)).toBe(0);
    expect(hungOn(short.signal)).toBe(0);
  });

  it('is needed, since Node keeps what `AbortSignal.any` has made', () => {
    const long = new AbortController();
    for (let count = 0; count < 5; count += 1) AbortSignal.any([long.signal]);
    expect(hungOn(long.signal)).toBe(5);
  });
});
