import { ClassicLevel } from 'classic-level';
import { diskObstacle } from '../../core/disk-obstacle.ts';
import { messageOf } from '../../core/errors.ts';
import { LogError } from '../errors.ts';
import { diskError } from './disk.ts';
import { ownerError } from './owner.ts';

/** Little is kept here, and read once. */
const CACHE_BYTES = 1 << 20;

const translate = async (
  { path, folder }: { readonly path: string; readonly folder: string },
  cause: unknown,
): Promise<LogError> => {
  const inner = cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause;
  if (inner instanceof Error && 'code' in inner && inner.code === 'LEVEL_LOCKED') {
    return ownerError(folder, cause);
  }
  if (diskObstacle(cause) !== undefined) return diskError(path, cause);
  const said = messageOf(inner);
  return new LogError(
    'LOG_CORRUPT',
    `${path} cannot be opened (${said}): restore the folder from a copy, or start with an empty ` +
      'one and load the sources again',
    { cause },
  );
};

/** A LevelDB of the log in `folder`, for this process alone, or says why it cannot be had. */
export const openLevel = async (path: string, folder: string): Promise<ClassicLevel> => {
  const level: ClassicLevel = new ClassicLevel(path, { cacheSize: CACHE_BYTES });
  try {
    await level.open();
    return level;
  } catch (cause) {
    throw await translate({ path, folder }, cause);
  }
};
