import { mkdir, readdir, rename, rm, writeFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ClassicLevel } from 'classic-level';
import { diskFailureOf, diskObstacle } from '../../core/disk-obstacle.ts';
import { hasCode } from '../../core/errors.ts';
import { StateError } from '../errors.ts';
import type { Store, StoreEntry, StoreFolder, WriteOptions } from '../store.ts';

/** Sorts before every block key, none of which starts with a NUL. */
const CHECKPOINT = '\u0000checkpoint';

/** A changed key or value format is another number, and lies in a folder of its own. */
const FORMAT = '2';

/** Small, since a worker opens one store a task: dozens of write buffers stay in memory. */
const WRITE_BUFFER_BYTES = 1 << 20;
const CACHE_BYTES = 1 << 20;
/** A store is read whole, and each turn to its thread costs more than to read this much. */
const READ_AHEAD_BYTES = 1 << 20;

type Level = ClassicLevel<string, Buffer>;

const diskError = (path: string, cause: unknown): StateError =>
  new StateError('STATE_DISK', diskFailureOf(path, cause), { cause, retriable: true });

/** Of what may have failed otherwise too, which then stays what it is. */
const unlessDisk = (path: string, cause: unknown): unknown =>
  diskObstacle(cause) === undefined || cause instanceof StateError ? cause : diskError(path, cause);

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
  if (diskObstacle(cause) !== undefined) return diskError(path, cause);
  return new StateError(
    'STATE_CORRUPT',
    `${path} cannot be opened; it will be moved aside and rebuilt from the changelog`,
    { cause },
  );
};

/** LevelDB looks into a table only when something in it is asked for: long after it was opened. */
const unlessDamaged = (path: string, cause: unknown): unknown => {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  if (code !== 'LEVEL_CORRUPTION') return unlessDisk(path, cause);
  return new StateError(
    'STATE_CORRUPT',
    `${path} is damaged (${String(cause)}); it is moved aside and rebuilt from the changelog ` +
      'when its task is acquired',
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

const copyOf = ({ key, value }: StoreEntry): StoreEntry => ({
  key,
  value: value === null ? null : Uint8Array.from(value),
});

/** A store in a LevelDB folder of its own. */
class LevelStore implements Store {
  private readonly path: string;
  private level: Level;
  private isTorn = false;

  constructor(path: string, level: Level) {
    this.path = path;
    this.level = level;
  }

  async checkpoint(): Promise<Buffer | undefined> {
    try {
      return await this.level.get(CHECKPOINT);
    } catch (cause) {
      throw unlessDamaged(this.path, cause);
    }
  }

  async *entries(): AsyncGenerator<readonly [key: string, value: Buffer]> {
    try {
      const highWaterMarkBytes = READ_AHEAD_BYTES;
      yield* this.level.iterator({ gt: `${CHECKPOINT}\u0000`, highWaterMarkBytes });
    } catch (cause) {
      throw unlessDamaged(this.path, cause);
    }
  }

  async write(entries: readonly StoreEntry[], options: WriteOptions): Promise<void> {
    if (!this.isTorn) return this.put(entries, options);
    const taken = entries.map(copyOf);
    const { after, ...rest } = options;
    await after;
    await this.reopen();
    return this.put(taken, rest);
  }

  close(): Promise<void> {
    return this.level.close();
  }

  private async put(
    entries: readonly StoreEntry[],
    { checkpoint, after }: WriteOptions,
  ): Promise<void> {
    const batch = this.level.batch();
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
      this.isTorn = true;
      throw diskError(this.path, cause);
    }
  }

  /**
   * LevelDB leaves the torn end of a write that failed in its journal, writes on behind it, and
   * when it is opened the next time finds nothing of what came after. So that comes first.
   */
  private async reopen(): Promise<void> {
    await this.level.close();
    this.level = await openLevel(this.path);
    this.isTorn = false;
  }
}

const moveAside = async (path: string): Promise<void> => {
  const parent = join(path, '..');
  const name = path.slice(parent.length + 1);
  const asides = (await readdir(parent)).filter((entry) => entry.startsWith(`${name}.aside-`));
  // One is enough to look at what went wrong; more would fill the disk.
  for (const aside of asides) await rm(join(parent, aside), { recursive: true });
  await rename(path, `${path}.aside-1`);
};

/** A store that cannot be read is put aside, and an empty one begun in its place. */
const openOrRebuild = async (path: string): Promise<Level> => {
  try {
    return await openLevel(path);
  } catch (error) {
    if (!(error instanceof StateError) || error.code !== 'STATE_CORRUPT') throw error;
    await moveAside(path);
    return openLevel(path);
  }
};

const readFormat = async (path: string): Promise<string | undefined> => {
  try {
    return (await readFile(path, 'utf8')).trim();
  } catch (cause) {
    if (hasCode(cause, 'ENOENT')) return undefined;
    throw unlessDisk(path, cause);
  }
};

const formatFile = (root: string): string => join(root, 'format');

/**
 * Where this version keeps its stores: in the folder, or beside it where another version has
 * written there. Reading its bytes as ours would be wrong, and the changelog has all that they say.
 * Either version finds its own again.
 */
export const placeOfStores = async (root: string): Promise<string> => {
  const found = await readFormat(formatFile(root));
  return found === undefined || found === FORMAT ? root : `${root}-${FORMAT}`;
};

/** Whole or not at all: half a number would make the folder somebody else's. */
const markFormat = async (place: string): Promise<void> => {
  await mkdir(place, { recursive: true });
  const file = formatFile(place);
  if ((await readFormat(file)) !== undefined) return;
  await writeFile(`${file}.part`, `${FORMAT}\n`);
  await rename(`${file}.part`, file);
};

const markedPlace = async (root: string): Promise<string> => {
  const place = await placeOfStores(root);
  await markFormat(place);
  return place;
};

/** LevelDB folders under one root, a folder a task. */
export const levelStoreFolder = (root: string): StoreFolder => {
  // Tasks open theirs all at once, and one of them marks the root.
  let marked: Promise<string> | undefined;
  const place = async (): Promise<string> => {
    marked ??= markedPlace(root);
    try {
      return await marked;
    } catch (error) {
      marked = undefined;
      throw error;
    }
  };
  return {
    async open(parts, { discard = false } = {}) {
      try {
        const path = join(await place(), ...parts);
        await mkdir(path, { recursive: true });
        if (discard) await moveAside(path);
        return new LevelStore(path, await openOrRebuild(path));
      } catch (error) {
        throw unlessDisk(join(root, ...parts), error);
      }
    },
  };
};
