import { CliError } from './errors.ts';
import type { OpenedLog, OpenLog } from './opened-log.ts';

/** Resolves when the signal aborts; lets go of it when it is told to. */
const aborted = (
  signal: AbortSignal,
): { readonly done: Promise<void>; readonly letGo: () => void } => {
  let stop = (): void => undefined;
  const done = new Promise<void>((resolve) => {
    stop = () => resolve();
    signal.addEventListener('abort', stop);
    if (signal.aborted) resolve();
  });
  return { done, letGo: () => signal.removeEventListener('abort', stop) };
};

const closeLate = async (opening: Promise<OpenedLog>): Promise<void> => {
  try {
    await (await opening).close();
  } catch {
    // Nobody waits for it any more, and the process is about to end.
  }
};

/** Opens a log, unless the user asks to stop first: brokers may take half a minute to be silent. */
export const openedOrStopped =
  (open: OpenLog, signal: AbortSignal): OpenLog =>
  async (config, options) => {
    const opening = open(config, options);
    const { done, letGo } = aborted(signal);
    try {
      const opened = await Promise.race([opening, done]);
      if (opened !== undefined) return opened;
    } finally {
      letGo();
    }
    void closeLate(opening);
    throw new CliError('INTERRUPTED', 'stopped before the log was open');
  };
