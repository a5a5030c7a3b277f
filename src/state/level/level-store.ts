import { mkdir, readdir, rename, rm, writeFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ClassicLevel } from 'classic-level';
import { StateError } from '../errors.ts';
import type { Store, StoreEntry, StoreFolder, WriteOptions } from '../store.ts';

/** Sorts before every block key, none of which starts with a NUL. */
const CHECKPOINT = '\u0000checkpoint';

/** A changed key or value format is another number, and another number is refused. */
const FORMAT = '2';

/** Small, since a worker opens one store a task: dozens of write buffers stay in memory. */
const WRITE_BUFFER_BYTES = 1 << 20;
const CACHE_BYTES = 1 << 20;

type Level = ClassicLevel<string, Buffer>;

/** What the system says when a folder is whole, but cannot be used just now. */
const OBSTACLE = /no space left|file too large|quota|read-only|permission denied|too many open/i;

const diskFailure = (path: string, cause: unknown): StateError =>
  new StateError(
    'STATE_DISK',
    `${path} cannot be written; make room on the disk or mend its permissions`,
    { cause, retriable: true },
  );

const translate = (path: string, cause: unknown): StateError => {
  const inner = cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause;
  const code = inner instanceof Error && 'code' in inner ? inner.code : undefined;
  if (code === 'LEVEL_LOCKED') {
    return new StateError(
      'STATE_LOCKED',
      `${path} is open in another process; stop that one first`,
      {
        cause,
        retriable: true,
      },
    );
  }
  // Moving a store aside makes no room; it would be rebuilt for nothing.
  if (OBSTACLE.test(String(inner))) return diskFailure(path, cause);
  return new StateError(
    'STATE_CORRUPT',
    `${path} cannot be opened; it will be moved aside and rebuilt from the changelog`,
    { cause },
  );
};

const openLevel = async (path: string): Promise<Level> => {
  const level: Level = new ClassicLevel(path, {
    valueEncoding: 'buffer',
    writeBufferSize: WRITE_BUFFER_BYTES,
    cacheSize: CACHE_BYTES,
  });
  try {
    await level.open();
    return level;
  } catch (cause) {
    throw translate(path, cause);
  }
};

const storeOf = (level: Level, path: string): Store => ({
  checkpoint: () => level.get(CHECKPOINT),
  entries: () => level.iterator({ gt: `${CHECKPOINT}\u0000` }),
  async write(entries: readonly StoreEntry[], { checkpoint, after }: WriteOptions) {
    const batch = level.batch();
    for (const { key, value } of entries) {
      if (value === null) batch.del(key);
      else batch.put(key, Buffer.from(value.buffer, value.byteOffset, value.byteLength));
    }
    if (checkpoint !== undefined) batch.put(CHECKPOINT, Buffer.from(checkpoint));
    try {
      await after;
    } catch (error) {
      await batch.close();
      throw error;
    }
    try {
      // No fsync: losing the end of a store costs a longer restore; what was written earlier is
      // never lost before what was written later.
      await batch.write({ sync: false });
    } catch (cause) {
      throw diskFailure(path, cause);
    }
  },
  close: () => level.close(),
});

const moveAside = async (path: string): Promise<void> => {
  const parent = join(path, '..');
  const name = path.slice(parent.length + 1);
  const asides = (await readdir(parent)).filter((entry) => entry.startsWith(`${name}.aside-`));
  // One is enough to look at what went wrong; more would fill the disk.
  for (const aside of asides) await rm(join(parent, aside), { recursive: true });
  await rename(path, `${path}.aside-1`);
};

const readFormat = async (path: string): Promise<string | undefined> => {
  try {
    return (await readFile(path, 'utf8')).trim();
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return undefined;
    throw cause;
  }
};

const formatFile = (root: string): string => join(root, 'format');

/**
 * Refuses a folder that another version wrote: reading its bytes as ours would be worse than
 * stopping. A folder that is not there yet is nobody's.
 */
export const refuseForeignFormat = async (root: string): Promise<void> => {
  const found = await readFormat(formatFile(root));
  if (found === undefined || found === FORMAT) return;
  throw new StateError(
    'STATE_FORMAT',
    `${root} was written in state format ${found}, this version writes ${FORMAT}: ` +
      'start with the version that wrote it, or delete the folder, which is rebuilt from the ' +
      'changelog',
  );
};

/** Whole or not at all: half a number would make the folder somebody else's. */
const markFormat = async (root: string): Promise<void> => {
  await refuseForeignFormat(root);
  const file = formatFile(root);
  if ((await readFormat(file)) !== undefined) return;
  await writeFile(`${file}.part`, `${FORMAT}\n`);
  await rename(`${file}.part`, file);
};

/** LevelDB folders under one root, a folder a task. */
export const levelStoreFolder = (root: string): StoreFolder => {
  // Tasks open theirs all at once, and one of them marks the root.
  let marked: Promise<void> | undefined;
  const mark = async (): Promise<void> => {
    marked ??= markFormat(root);
    try {
      await marked;
    } catch (error) {
      marked = undefined;
      throw error;
    }
  };
  return {
    async open(parts, { discard = false } = {}) {
      const path = join(root, ...parts);
      await mkdir(path, { recursive: true });
      await mark();
      if (discard) await moveAside(path);
      try {
        return storeOf(await openLevel(path), path);
      } catch (error) {
        if (!(error instanceof StateError) || error.code !== 'STATE_CORRUPT') throw error;
        await moveAside(path);
        return storeOf(await openLevel(path), path);
      }
    },
  };
};
