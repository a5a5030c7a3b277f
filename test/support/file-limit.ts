import { execFileSync, spawnSync } from 'node:child_process';

/** Of util-linux. */
const PRLIMIT = 'prlimit';

/** Whether this process can be told how large its files may become. */
export const CAN_LIMIT_FILES = spawnSync(PRLIMIT, ['--version']).status === 0;

const prlimit = (...args: readonly string[]): string =>
  execFileSync(PRLIMIT, ['--pid', String(process.pid), ...args], { encoding: 'utf8' }).trim();

/**
 * Lets no file of this process grow beyond so many bytes while the work is done: a write that
 * crosses them is torn there and fails, as it does on a full disk, in libraries too.
 */
export const withFileLimit = async <T>(bytes: number, work: () => Promise<T>): Promise<T> => {
  const before = prlimit('--fsize', '--noheadings', '--raw', '--output', 'SOFT');
  prlimit(`--fsize=${bytes}:`);
  try {
    return await work();
  } finally {
    prlimit(`--fsize=${before}:`);
  }
};
