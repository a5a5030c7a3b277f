import type { Config } from '../config/config.ts';
import { CliError } from './errors.ts';
import type { OpenedLog } from './opened-log.ts';

/** Opens the log that the configuration names. */
export const openLog = async ({ log }: Config): Promise<OpenedLog> => {
  throw new CliError('USAGE', `this build has no adapter for log: ${log}`);
};
