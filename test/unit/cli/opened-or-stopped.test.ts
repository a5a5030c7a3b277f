import { describe, expect, it } from 'vitest';
import type { OpenedLog } from '../../../src/cli/opened-log.ts';
import { openedOrStopped } from '../../../src/cli/opened-or-stopped.ts';
import { loadConfig } from '../../../src/config/config.ts';
import { hungOn } from '../../support/hung-on.ts';

const CONFIG = loadConfig({ env: {}, builtIn: 'application: shop' });

interface Closing extends OpenedLog {
  isClosed: boolean;
}

/** Opened, as far as is looked at here. */
const opened = (): Closing => {
  const log = {
    isClosed: false,
    close: async () => {
      log.isClosed = true;
    },
  };
  return log as unknown as Closing;
};

describe('opening a log', () => {
  it('ends at once when it is asked to stop, and closes what opens later', async () => {
    const stop = new AbortController();
    const log = opened();
    let open: (log: OpenedLog) => void = () => undefined;
    const opening = openedOrStopped(() => new Promise((resolve) => (open = resolve)), stop.signal);
    const outcome = opening(CONFIG).catch((error: unknown) => error);
    stop.abort();
    expect(await outcome).toMatchObject({ code: 'INTERRUPTED' });
    open(log);
    await new Promise((turn) => setImmediate(turn));
    expect(log.isClosed).toBe(true);
  });

  it('is left alone otherwise, whether it succeeds or fails', async () => {
    const { signal } = new AbortController();
    const log = opened();
    expect(await openedOrStopped(async () => log, signal)(CONFIG)).toBe(log);
    const failure = new Error('no broker answers');
    const failing = openedOrStopped(() => Promise.reject(failure), signal);
    await expect(failing(CONFIG)).rejects.toBe(failure);
    expect(log.isClosed).toBe(false);
    expect(hungOn(signal)).toBe(0);
  });
});
