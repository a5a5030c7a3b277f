import { readdir, rm, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { hasCode } from '../../core/errors.ts';
import { DEFAULT_FILE, type Config } from '../../config/config.ts';
import { systemClock } from '../../core/clock.ts';
import { openEmbeddedLog } from '../../log/embedded/embedded-log.ts';
import { makeFolder } from '../../log/embedded/make-folder.ts';
import { LogError } from '../../log/errors.ts';
import { dataFolders } from '../data-folders.ts';
import { CliError } from '../errors.ts';
import { demoFile, type DemoOptions } from './config.ts';
import { clockStartMs, feedPosition, type FeedNames } from './feed-position.ts';

/** Says that a data folder is the demo's, so that nobody's own data are taken for it. */
const MARKER = 'tidecast-demo';

const entriesOf = async (folder: string): Promise<readonly string[]> => {
  try {
    return await readdir(folder);
  } catch (cause) {
    if (hasCode(cause, 'ENOENT')) return [];
    if (hasCode(cause, 'ENOTDIR')) {
      throw new CliError('USAGE', `${folder} is a file: name another folder with --data`, cause);
    }
    throw cause;
  }
};

/** Makes the folder the demo's if it is new or empty; refuses one that holds anything else. */
export const claimDemoData = async ({ data }: Config): Promise<void> => {
  const entries = await entriesOf(data);
  if (entries.includes(MARKER)) return;
  if (entries.length > 0) {
    throw new CliError(
      'USAGE',
      `${data} holds something else than the demo's data, which stay as they are: name another ` +
        'folder with --data',
    );
  }
  makeFolder(data);
  await writeFile(join(data, MARKER), 'data of `tidecast demo`; --fresh begins again without\n');
};

/** Lets other commands look into the demo by `-c`; returns the file to name. */
export const writeDemoFile = async (config: Config, options: DemoOptions): Promise<string> => {
  const file = join(config.data, DEFAULT_FILE);
  // What a call sets may be a token.
  await writeFile(file, demoFile(config, options), { mode: 0o600 });
  const near = relative('', file);
  return near.startsWith('..') ? file : near;
};

const refuseLocked = async (config: Config): Promise<void> => {
  const folder = dataFolders(config).log;
  if ((await entriesOf(folder)).length === 0) return;
  try {
    const log = await openEmbeddedLog({ folder, clock: systemClock });
    await log.close();
  } catch (error) {
    // Whatever else is wrong with the folder is gone with it.
    if (error instanceof LogError && error.code !== 'LOG_LOCKED') return;
    throw error;
  }
};

/** Empties the demo's folder, unless a demo is running on it. */
export const removeDemoData = async (config: Config): Promise<void> => {
  await claimDemoData(config);
  await refuseLocked(config);
  const folders: readonly string[] = Object.values(dataFolders(config));
  for (const folder of folders) {
    await rm(folder, { recursive: true, force: true });
  }
};

/** Where the demo's clock stood when it was stopped; code `LOG_LOCKED` when it still runs. */
export const demoStartMs = async (config: Config, names: FeedNames): Promise<number> => {
  const folder = dataFolders(config).log;
  const log = await openEmbeddedLog({ folder, clock: systemClock });
  try {
    return await clockStartMs(await feedPosition(log, names));
  } finally {
    await log.close();
  }
};
