import type { Config } from '../config/config.ts';
import type { Io } from './io.ts';
import type { OpenedLog } from './opened-log.ts';

type Work = (opened: OpenedLog) => Promise<void>;

/** Does one piece of work on a log that was opened for it, and closes it whatever happens. */
export const closedAfter = async (opened: OpenedLog, work: Work): Promise<void> => {
  try {
    await work(opened);
  } finally {
    await opened.close();
  }
};

/** Opens the log of a configuration for one piece of work, and closes it whatever happens. */
export const withLog = async (io: Io, config: Config, work: Work): Promise<void> =>
  closedAfter(await io.openLog(config), work);

/** The same where there must be one: a wrong folder is not to look like an empty log. */
export const withExistingLog = async (io: Io, config: Config, work: Work): Promise<void> =>
  closedAfter(await io.openLog(config, { mustExist: true }), work);
