import { existsSync, mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { diskObstacle } from '../../core/disk-obstacle.ts';
import { LogError } from '../errors.ts';

/**
 * Makes a folder and those above it, one by one: where a parent takes no folders (`/proc`), Node's
 * own recursion never ends. Returns the folders that have a new name in them.
 */
export const makeFolder = (path: string): readonly string[] => {
  if (existsSync(path)) return [];
  const parent = dirname(path);
  const above = parent === path ? [] : makeFolder(parent);
  try {
    mkdirSync(path);
    return [...above, parent];
  } catch (cause) {
    // Another task or process may have been first.
    if (existsSync(path)) return above;
    const { said, advice } = diskObstacle(cause) ?? { said: String(cause), advice: undefined };
    if (!statSync(parent).isDirectory()) {
      throw new LogError('LOG_DISK', `${parent} is a file: choose another \`data\` folder`, {
        cause,
      });
    }
    throw new LogError(
      'LOG_DISK',
      `the folder ${path} cannot be made: ${advice ?? 'mend its permissions'}, or choose another ` +
        `\`data\` folder (${said})`,
      { cause, retriable: true },
    );
  }
};
