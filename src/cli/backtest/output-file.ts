import { open, realpath, stat, type FileHandle } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { CliError } from '../errors.ts';

export interface OutputFile {
  /** `w` begins anew; `a` leaves what is there until there is something better. */
  readonly flag: 'w' | 'a';
  /** The option that names it. */
  readonly option: string;
  /** Files that are read or written besides, and must not be lost to it. */
  readonly others: readonly string[];
}

const orNothing = async <T>(look: Promise<T>): Promise<T | undefined> =>
  look.catch(() => {
    // Whoever reads or writes the file says why it is not there.
    return undefined;
  });

/** The same for all names of one file, links among them; else the place that it would take. */
const identityOf = async (file: string): Promise<string> => {
  const found = await orNothing(stat(file, { bigint: true }));
  if (found?.isFile() === true) return `${found.dev}:${found.ino}`;
  const folder = dirname(resolve(file));
  return join((await orNothing(realpath(folder))) ?? folder, basename(file));
};

/** Opens a file before the work, so that nobody waits for results that cannot be kept. */
export const openOutput = async (
  file: string,
  { flag, option, others }: OutputFile,
): Promise<FileHandle> => {
  const identities = await Promise.all(others.map(identityOf));
  if (identities.includes(await identityOf(file))) {
    throw new CliError('USAGE', `${file} is read or written already: name another with ${option}`);
  }
  return open(file, flag).catch((cause: unknown) => {
    throw new CliError('USAGE', `${file} cannot be written: name another with ${option}`, cause);
  });
};
