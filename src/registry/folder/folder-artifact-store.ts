import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { assert } from '../../core/assert.ts';
import { hasCode } from '../../core/errors.ts';
import { sha256Of } from '../../core/sha256.ts';
import { isSha256, type ArtifactStore } from '../artifact-store.ts';
import { RegistryError } from '../errors.ts';

/** What is written but not yet whole; the next try begins over it, so none pile up. */
const UNFINISHED = '.part';

const diskError = (path: string, cause: unknown): RegistryError =>
  new RegistryError(
    'ARTIFACT_DISK',
    `${path} cannot be written or read (${String(cause)}); make room or mend its permissions`,
    { cause, retriable: true },
  );

const readIfThere = async (path: string): Promise<Buffer | undefined> => {
  try {
    return await readFile(path);
  } catch (cause) {
    if (hasCode(cause, 'ENOENT')) return undefined;
    throw diskError(path, cause);
  }
};

const syncFolder = async (path: string): Promise<void> => {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
};

/** The names of new folders must survive too, each in the one above it. */
const makeFolder = async (path: string): Promise<void> => {
  const topmost = await mkdir(path, { recursive: true });
  if (topmost === undefined) return;
  for (let made = path; made !== dirname(topmost); made = dirname(made)) {
    await syncFolder(dirname(made));
  }
};

const writeSynced = async (path: string, bytes: Uint8Array): Promise<void> => {
  const file = await open(path, 'w');
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
};

/** Artifacts as files of one folder, which belongs to one process. */
export const folderArtifactStore = (path: string): ArtifactStore => {
  const folder = resolve(path);
  /** Writes under way, so that two of the same bytes do not share an unfinished file. */
  const writing = new Map<string, Promise<void>>();

  const write = async (sha256: string, bytes: Uint8Array): Promise<void> => {
    const file = join(folder, sha256);
    try {
      await makeFolder(folder);
      const known = await readIfThere(file);
      // A damaged file is replaced: these are the bytes that it should have had.
      if (known === undefined || sha256Of(known) !== sha256) {
        await writeSynced(file + UNFINISHED, bytes);
        await rename(file + UNFINISHED, file);
      }
      await syncFolder(folder);
    } catch (cause) {
      throw cause instanceof RegistryError ? cause : diskError(file, cause);
    }
  };

  return {
    async put(sha256, bytes) {
      assert(sha256Of(bytes) === sha256, `these bytes are not those of ${sha256}`);
      const before = writing.get(sha256);
      const mine = before ?? write(sha256, bytes);
      writing.set(sha256, mine);
      try {
        await mine;
      } finally {
        writing.delete(sha256);
      }
    },
    async get(sha256) {
      if (!isSha256(sha256)) return undefined;
      const file = join(folder, sha256);
      const bytes = await readIfThere(file);
      if (bytes === undefined || sha256Of(bytes) === sha256) return bytes;
      throw new RegistryError(
        'ARTIFACT_DAMAGED',
        `${file} does not hold the bytes that its name says: restore it from a copy, or delete ` +
          'it and train again',
      );
    },
  };
};
