import { open, type FileHandle } from 'node:fs/promises';
import { CliError } from '../errors.ts';

export interface OutputFile {
  /** `w` begins anew; `a` leaves what is there until there is something better. */
  readonly flag: 'w' | 'a';
  /** The option that names it. */
  readonly option: string;
}

/** Opens a file before the work, so that nobody waits for results that cannot be kept. */
export const openOutput = async (file: string, { flag, option }: OutputFile): Promise<FileHandle> =>
  open(file, flag).catch((cause: unknown) => {
    throw new CliError('USAGE', `${file} cannot be written: name another with ${option}`, cause);
  });
