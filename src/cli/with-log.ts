import type { Config } from '../config/config.ts';
import type { Io } from './io.ts';
import type { OpenedLog } from './opened-log.ts';

/** Opens the log of a configuration for one piece of work, and closes it whatever happens. */
export const withLog = async (
  io: Io,
  config: Config,
  work: (opened: OpenedLog) => Promise<void>,
): Promise<void> => {
  const opened = await io.openLog(config);
  try {
    await work(opened);
  } finally {
    await opened.close();
  }
};
