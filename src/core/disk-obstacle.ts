import { messageOf } from './errors.ts';
/** What keeps a file that is whole from being used just now. */
export interface DiskObstacle {
  /** As the system put it. */
  readonly said: string;
  /** What it is, and what to do about it. */
  readonly advice: string;
}

/** By the code of a system call or, where a library keeps only that, by its text at the end. */
const OBSTACLES: readonly (readonly [codes: RegExp, text: RegExp, advice: string])[] = [
  [/^ENOSPC$/, /no space left on device$/i, 'the disk is full, make room on it'],
  [/^EDQUOT$/, /quota exceeded$/i, 'the disk quota is used up, make room or have it raised'],
  [
    /^EFBIG$/,
    /file too large$/i,
    'the system lets no file grow further here, make room on the disk or raise that limit',
  ],
  [/^EROFS$/, /read-only file system$/i, 'the file system is read-only, make it writable'],
  [
    /^(EACCES|EPERM)$/,
    /(permission denied|operation not permitted)$/i,
    'this user may not use it, mend its permissions',
  ],
  [
    /^(EMFILE|ENFILE)$/,
    /too many open files( in system)?$/i,
    'too many files are open, raise their limit (ulimit -n)',
  ],
  [/^EIO$/, /input\/output error$/i, 'the device fails, look after the disk'],
];

/** A library wraps what a system call said once or twice. */
const CAUSES_MAX = 4;

const obstacleIn = (error: Error): DiskObstacle | undefined => {
  const { message: said } = error;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  const found = OBSTACLES.find(([codes, text]) => codes.test(code) || text.test(said));
  return found === undefined ? undefined : { said, advice: found[2] };
};

/**
 * The obstacle that an error or one of its causes tells of; undefined: something else is wrong.
 * Whoever meets one must neither call the data damaged nor move it aside: with the obstacle gone,
 * all of it is there.
 */
export const diskObstacle = (thrown: unknown): DiskObstacle | undefined => {
  let error = thrown;
  for (let depth = 0; depth < CAUSES_MAX && error instanceof Error; depth += 1) {
    const found = obstacleIn(error);
    if (found !== undefined) return found;
    error = error.cause;
  }
  return undefined;
};

/** The same of what is known to have failed with the disk, whatever the system says of it. */
export const diskFailure = (thrown: unknown): DiskObstacle =>
  diskObstacle(thrown) ?? {
    said: messageOf(thrown),
    advice: 'make room on the disk or mend its permissions',
  };

/** As a sentence about the file that it happened to. */
export const diskFailureOf = (path: string, thrown: unknown): string => {
  const { said, advice } = diskFailure(thrown);
  return `${path} cannot be written or read: ${advice} (${said})`;
};
