import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { hasCode } from '../../core/errors.ts';
import { LogError } from '../errors.ts';
import { diskError } from './disk.ts';

/** The process that has a folder open, and how other commands reach it. */
export interface Owner {
  readonly pid: number;
  /** Base URL of its HTTP server; absent while it has none. */
  readonly address?: string;
  /** Bearer token of its internal calls. */
  readonly token?: string;
}

const ownerFile = (folder: string): string => join(folder, 'owner.json');

/** Readable by this user alone: whoever has the token may append. */
const OWNER_MODE = 0o600;

/** Who has the folder open, or had it last; undefined: nobody ever, or it was closed in order. */
export const readOwner = async (folder: string): Promise<Owner | undefined> => {
  try {
    // Written by `writeOwner` alone, and put in place in one step.
    return JSON.parse(await readFile(ownerFile(folder), 'utf8')) as Owner;
  } catch (cause) {
    if (hasCode(cause, 'ENOENT')) return undefined;
    throw cause;
  }
};

export const writeOwner = async (folder: string, owner: Owner): Promise<void> => {
  const file = ownerFile(folder);
  const draft = `${file}.${owner.pid}`;
  try {
    await writeFile(draft, `${JSON.stringify(owner)}\n`, { mode: OWNER_MODE });
    await rename(draft, file);
  } catch (cause) {
    await rm(draft, { force: true });
    throw diskError(file, cause);
  }
};

export const removeOwner = (folder: string): Promise<void> =>
  rm(ownerFile(folder), { force: true });

export const ownerError = async (folder: string, cause: unknown): Promise<LogError> => {
  const owner = await readOwner(folder);
  const who = owner === undefined ? 'another process' : `process ${owner.pid}`;
  return new LogError(
    'LOG_LOCKED',
    `${folder} is open in ${who}; stop it first, or use another data folder`,
    { cause },
  );
};
