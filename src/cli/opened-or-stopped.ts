import { aborted, abortedBy } from '../core/aborted-by.ts';
import { CliError } from './errors.ts';
import type { OpenedLog, OpenLog } from './opened-log.ts';

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
    const settled = abortedBy(signal);
    try {
      const opened = await Promise.race([opening, aborted(settled.signal)]);
      if (opened !== undefined) return opened;
    } finally {
      settled.abort();
    }
    void closeLate(opening);
    throw new CliError('INTERRUPTED', 'stopped before the log was open');
  };
