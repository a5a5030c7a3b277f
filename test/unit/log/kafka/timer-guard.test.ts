import loggers from 'kafkajs/src/loggers/index.js';
import RequestQueue from 'kafkajs/src/network/requestQueue/index.js';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { guardTimers } from '../../../../src/log/kafka/timer-guard.ts';

/** Requests that were sent, by their number. */
const queueWith = (sent: number[], maxInFlightRequests: number | null = null) => {
  guardTimers();
  const queue = new RequestQueue({
    maxInFlightRequests,
    requestTimeout: 30_000,
    enforceRequestTimeout: false,
    clientId: 'test',
    broker: 'here:9092',
    logger: loggers.createLogger({ level: 0, logCreator: () => () => undefined }),
  });
  return {
    queue,
    push: (correlationId: number): void => {
      queue.push({
        entry: { correlationId, resolve: () => undefined, reject: () => undefined },
        expectResponse: true,
        sendRequest: () => sent.push(correlationId),
      });
    },
  };
};

describe('the timers of a connection', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });

  afterEach(() => {
    vi.useRealTimers();
  });

  it('never fire while nothing waits', () => {
    const sent: number[] = [];
    const { queue, push } = queueWith(sent);
    push(1);
    queue.fulfillRequest({ correlationId: 1, size: 4, payload: Buffer.alloc(0) });
    expect(sent).toEqual([1]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('send what a broker wanted later once its time has come', () => {
    const sent: number[] = [];
    const { queue, push } = queueWith(sent);
    queue.maybeThrottle(200);
    push(1);
    push(2);
    expect(sent).toEqual([]);
    vi.advanceTimersByTime(199);
    expect(sent).toEqual([]);
    vi.advanceTimersByTime(50);
    expect(sent).toEqual([1, 2]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('send what waited although its time came before anyone looked', () => {
    const sent: number[] = [];
    const { queue, push } = queueWith(sent);
    queue.maybeThrottle(20);
    push(1);
    // The clock goes on while nothing else does.
    vi.setSystemTime(Date.now() + 500);
    push(2);
    vi.advanceTimersByTime(50);
    expect([...sent].sort()).toEqual([1, 2]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('send what waited for a place when an answer makes one', () => {
    const sent: number[] = [];
    const { queue, push } = queueWith(sent, 1);
    push(1);
    push(2);
    queue.fulfillRequest({ correlationId: 1, size: 4, payload: Buffer.alloc(0) });
    expect(sent).toEqual([1, 2]);
    vi.advanceTimersByTime(50);
    expect(vi.getTimerCount()).toBe(0);
  });
});
