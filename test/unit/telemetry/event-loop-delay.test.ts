import { Registry } from 'prom-client';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { eventLoopDelay, type DelayHistogram } from '../../../src/telemetry/event-loop-delay.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
});

afterEach(() => {
  vi.useRealTimers();
});

/** A loop that was as late as the test says, since it was set back. */
const opened = () => {
  let ms = 10;
  const histogram: DelayHistogram = {
    percentile: () => ms * 1e6,
    reset: () => (ms = 10),
    enable: () => true,
    disable: () => true,
  };
  const registry = new Registry();
  const delay = eventLoopDelay(registry, histogram);
  const longest = async (): Promise<number | undefined> => {
    delay.refresh();
    const text = await registry.metrics();
    return Number(/quantile="1"} (.+)$/m.exec(text)?.[1]);
  };
  return { delay, longest, late: (lateMs: number) => (ms = 10 + lateMs) };
};

describe('the delay of the event loop', () => {
  it('is nothing when nobody waits', async () => {
    const { longest } = opened();
    expect(await longest()).toBe(0);
  });

  it('is the same for all who ask, until it is over for a whole window', async () => {
    const { longest, late } = opened();
    late(250);
    expect([await longest(), await longest()]).toEqual([0.25, 0.25]);
    vi.advanceTimersByTime(15_000);
    late(20);
    expect([await longest(), await longest()]).toEqual([0.25, 0.25]);
    vi.advanceTimersByTime(15_000);
    expect(await longest()).toBeCloseTo(0.02, 9);
    vi.advanceTimersByTime(15_000);
    expect(await longest()).toBe(0);
  });

  it('is measured no more once it is closed', () => {
    const { delay } = opened();
    delay.close();
    expect(vi.getTimerCount()).toBe(0);
  });
});
