import { constants } from 'node:fs';
import { access, stat, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { messageOf } from '../../core/errors.ts';
import { finding, type Check } from './check.ts';

const GIB = 2 ** 30;
/** The demonstration takes 1.5 GB; below a tenth of that a run ends within minutes. */
const FREE_BYTES_WARN = 2 * GIB;
const FREE_BYTES_FAIL = GIB / 8;

/** The folder itself, or the nearest one above it that exists: that is where it would be made. */
const nearestExisting = async (folder: string): Promise<string> => {
  for (let at = folder; ; at = dirname(at)) {
    const exists = await access(at).then(
      () => true,
      () => false,
    );
    if (exists || dirname(at) === at) return at;
  }
};

/** Whether the data folder can be written. */
export const checkFolder: Check = async ({ config }) => {
  const existing = await nearestExisting(config.data);
  try {
    if (!(await stat(existing)).isDirectory()) {
      return finding('data', 'fail', `${existing} is a file: name another folder as \`data\``);
    }
    await access(existing, constants.W_OK | constants.X_OK);
  } catch (error) {
    return finding(
      'data',
      'fail',
      `${existing} cannot be written, mend its owner: ${messageOf(error)}`,
    );
  }
  return existing === config.data
    ? finding('data', 'pass', `${config.data} can be written`)
    : finding('data', 'pass', `${config.data} will be made`);
};

/** How much room there is where the data goes. */
export const checkDisk: Check = async ({ config }) => {
  const { blocks, bavail, bsize } = await statfs(await nearestExisting(config.data));
  if (blocks === 0) {
    return finding('disk', 'fail', `${config.data} is on no disk: name another folder as \`data\``);
  }
  const free = bavail * bsize;
  const message = `${(free / GIB).toFixed(1)} GB are free for ${config.data}`;
  if (free === 0) return finding('disk', 'fail', `the disk of ${config.data} is full: make room`);
  if (free < FREE_BYTES_FAIL) return finding('disk', 'fail', `${message}: make room`);
  return free < FREE_BYTES_WARN
    ? finding('disk', 'warn', `${message}: make room, or lower the retention`)
    : finding('disk', 'pass', message);
};
