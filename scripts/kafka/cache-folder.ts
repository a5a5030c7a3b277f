import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where jars are kept between starts, and data unless a folder is given. */
export const cacheFolder = (): string => {
  const root = process.env['XDG_CACHE_HOME'];
  // A relative path is to be ignored, says the specification of these variables.
  const isUsable = root?.startsWith('/') === true;
  return join(isUsable ? root : join(homedir(), '.cache'), 'tidecast');
};
