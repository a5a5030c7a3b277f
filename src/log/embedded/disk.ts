import {
  closeSync,
  constants,
  fdatasync,
  fstatSync,
  ftruncateSync,
  openSync,
  readSync,
  rmSync,
  writevSync,
} from 'node:fs';
import { open } from 'node:fs/promises';
import { diskFailure, diskFailureOf, diskObstacle } from '../../core/disk-obstacle.ts';
import { LogError } from '../errors.ts';

/** The system calls that the log lives on; tests put a full or failing disk in their place. */
export interface Disk {
  readonly open: (path: string, create: boolean) => number;
  /** Writes all of the chunks at a position, or throws. */
  readonly write: (fd: number, chunks: readonly Uint8Array[], position: number) => void;
  /** Fills the buffer from a position; returns how much there was. */
  readonly read: (fd: number, into: Uint8Array, position: number) => number;
  readonly truncate: (fd: number, bytes: number) => void;
  readonly size: (fd: number) => number;
  readonly sync: (fd: number) => Promise<void>;
  /** Makes the names of new files in a folder survive a power cut. */
  readonly syncFolder: (path: string) => Promise<void>;
  readonly close: (fd: number) => void;
  readonly remove: (path: string) => void;
}

/** More chunks than this are no longer one call on Linux (IOV_MAX). */
const CHUNKS_MAX = 1_024;

/** What is left of the chunks after a short write. */
const unwritten = (chunks: readonly Uint8Array[], written: number): readonly Uint8Array[] => {
  let skip = written;
  const rest: Uint8Array[] = [];
  for (const chunk of chunks) {
    if (skip < chunk.length) rest.push(chunk.subarray(skip));
    skip = Math.max(0, skip - chunk.length);
  }
  return rest;
};

const writeAll = (fd: number, chunks: readonly Uint8Array[], position: number): void => {
  let rest = chunks;
  let at = position;
  while (rest.length > 0) {
    const written = writevSync(fd, rest.slice(0, CHUNKS_MAX), at);
    at += written;
    rest = unwritten(rest, written);
  }
};

const readAll = (fd: number, into: Uint8Array, position: number): number => {
  let length = 0;
  while (length < into.length) {
    const read = readSync(fd, into, length, into.length - length, position + length);
    if (read === 0) break;
    length += read;
  }
  return length;
};

/**
 * Plain positional calls into the page cache. They are synchronous: a commit is then one step that
 * nothing can interleave with, and costs no promise; only `sync` waits for the device.
 */
export const systemDisk: Disk = {
  open: (path, create) => openSync(path, constants.O_RDWR | (create ? constants.O_CREAT : 0)),
  write: writeAll,
  read: readAll,
  truncate: ftruncateSync,
  size: (fd) => fstatSync(fd).size,
  sync: (fd) =>
    new Promise((resolve, reject) => {
      fdatasync(fd, (error) => {
        if (error === null) resolve();
        else reject(error);
      });
    }),
  syncFolder: async (path) => {
    const folder = await open(path, 'r');
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  },
  close: closeSync,
  remove: (path) => {
    rmSync(path, { force: true });
  },
};

/** Of what failed with the disk, whatever the system says. */
export const diskError = (path: string, cause: unknown): LogError =>
  cause instanceof LogError
    ? cause
    : new LogError('LOG_DISK', diskFailureOf(path, cause), { cause, retriable: true });

/** Of a sync that failed: nobody can say any more what the device has of the log. */
export const unsyncedError = (cause: unknown): LogError => {
  const { said, advice } = diskFailure(cause);
  return new LogError(
    'LOG_DISK',
    `the log could not be brought to the device: ${advice}, then start again; nothing is ` +
      `committed before that (${said})`,
    { cause },
  );
};

/** Of what may have failed otherwise too, which then stays what it is. */
export const unlessDisk = (path: string, cause: unknown): unknown =>
  diskObstacle(cause) === undefined ? cause : diskError(path, cause);
