import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { hasCode } from '../../core/errors.ts';
import { LogError } from '../errors.ts';

/** A changed frame, commit frame or index is another number, and another number is refused. */
const FORMAT = '2';

const readFormat = async (file: string): Promise<string | undefined> => {
  try {
    return (await readFile(file, 'utf8')).trim();
  } catch (cause) {
    if (hasCode(cause, 'ENOENT')) return undefined;
    throw cause;
  }
};

/** Refuses a folder that another version wrote; marks a new one as ours. */
export const checkFormat = async (folder: string): Promise<void> => {
  const file = join(folder, 'format');
  const found = await readFormat(file);
  // Empty: a process ended between making the file and writing it, before anything else.
  if (found === undefined || found === '') await writeFile(file, `${FORMAT}\n`);
  else if (found !== FORMAT) {
    throw new LogError(
      'LOG_FORMAT',
      `${folder} was written in log format ${found}, this version writes ${FORMAT}: start the ` +
        'version that wrote it, or use another data folder',
    );
  }
};
