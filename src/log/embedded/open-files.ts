import { dirname } from 'node:path';
import type { LogError } from '../errors.ts';
import { diskError, unsyncedError, type Disk } from './disk.ts';
import { makeFolder } from './make-folder.ts';

/**
 * Below the 1,024 descriptors that a process may have by default, with room for everything else.
 */
const OPEN_FILES_MAX = 256;

/** How many files go to the device at once: half of the threads that Node has for such waits. */
const SYNCS_AT_ONCE = 2;

/** One read and write of what is written anew. */
const REWRITE_BYTES = 1 << 20;

/** A folder has to be opened for a sync; where that fails, the sync has not begun. */
const isUnbegun = (cause: unknown): boolean =>
  cause instanceof Error && 'syscall' in cause && cause.syscall === 'open';

/** Descriptors by path, the least recently used closed first; knows what the device lacks. */
export class OpenFiles {
  private readonly disk: Disk;
  private readonly open = new Map<string, number>();
  private dirty = new Set<string>();
  /** Being synced: not to be closed meanwhile. */
  private syncing: ReadonlySet<string> = new Set();
  private newFolders = new Set<string>();
  /** Removed while they are being synced. */
  private closing: number[] = [];
  private failure: LogError | undefined;

  constructor(disk: Disk) {
    this.disk = disk;
  }

  /** The names of folders have to survive a power cut as those of files do. */
  makeFolder(path: string): void {
    for (const folder of makeFolder(path)) this.newFolders.add(folder);
  }

  write(path: string, chunks: readonly Uint8Array[], position: number): void {
    try {
      this.disk.write(this.descriptor(path, true), chunks, position);
      this.dirty.add(path);
    } catch (cause) {
      throw diskError(path, cause);
    }
  }

  /** Fills the buffer from a position; returns how much there was. */
  read(path: string, into: Uint8Array, position: number): number {
    try {
      return this.disk.read(this.descriptor(path, false), into, position);
    } catch (cause) {
      throw diskError(path, cause);
    }
  }

  sizeOf(path: string): number {
    try {
      return this.disk.size(this.descriptor(path, false));
    } catch (cause) {
      throw diskError(path, cause);
    }
  }

  /**
   * Writes bytes in their place again. An earlier process may have been told that the device did
   * not take them, and no later sync tells so again: it covers only what was written since.
   */
  rewrite(path: string, from: number, to: number): void {
    const bytes = Buffer.allocUnsafe(Math.min(REWRITE_BYTES, to - from));
    for (let at = from; at < to; at += bytes.length) {
      const chunk = bytes.subarray(0, to - at);
      this.read(path, chunk, at);
      this.write(path, [chunk], at);
    }
    this.newFolders.add(dirname(path));
  }

  truncate(path: string, bytes: number): void {
    try {
      this.disk.truncate(this.descriptor(path, false), bytes);
      this.dirty.add(path);
    } catch (cause) {
      throw diskError(path, cause);
    }
  }

  remove(path: string): void {
    this.forget(path);
    this.disk.remove(path);
  }

  /** Throws once a sync has failed: from then on nobody knows what the device has. */
  refuseUnsynced(): void {
    if (this.failure !== undefined) throw this.failure;
  }

  /**
   * Brings what was written before this call to the device; a file written meanwhile stays dirty.
   * Once it has failed it fails for good, since Linux tells of bytes that the device did not take
   * once, and then calls them clean.
   */
  async sync(): Promise<void> {
    this.refuseUnsynced();
    const paths = this.dirty;
    const folders = this.newFolders;
    this.dirty = new Set();
    this.newFolders = new Set();
    this.syncing = paths;
    try {
      await this.syncAll([...paths, ...folders], folders);
    } catch (cause) {
      for (const path of paths) this.dirty.add(path);
      for (const folder of folders) this.newFolders.add(folder);
      throw diskError('a file of the log', cause);
    } finally {
      this.syncing = new Set();
      for (const fd of this.closing.splice(0)) this.disk.close(fd);
    }
  }

  close(): void {
    for (const fd of this.open.values()) this.disk.close(fd);
    this.open.clear();
  }

  private async syncAll(paths: readonly string[], folders: ReadonlySet<string>): Promise<void> {
    for (let at = 0; at < paths.length; at += SYNCS_AT_ONCE) {
      const some = paths.slice(at, at + SYNCS_AT_ONCE);
      // All of them: one that is still under way has its descriptor in use.
      const ended = await Promise.allSettled(some.map((path) => this.syncOne(path, folders)));
      this.refuseUnsynced();
      for (const one of ended) if (one.status === 'rejected') throw one.reason;
    }
  }

  private async syncOne(path: string, folders: ReadonlySet<string>): Promise<void> {
    const isFolder = folders.has(path);
    const fd = this.open.get(path);
    try {
      if (isFolder) await this.disk.syncFolder(path);
      else if (fd !== undefined) await this.disk.sync(fd);
    } catch (cause) {
      // Removed meanwhile: nothing of it has to survive.
      if (!isFolder && this.open.get(path) !== fd) return;
      if (!isUnbegun(cause)) this.failure ??= unsyncedError(cause);
      throw cause;
    }
  }

  private descriptor(path: string, create: boolean): number {
    const found = this.open.get(path);
    if (found !== undefined) {
      this.open.delete(path);
      this.open.set(path, found);
      return found;
    }
    const fd = this.disk.open(path, create);
    this.open.set(path, fd);
    if (create) this.newFolders.add(dirname(path));
    if (this.open.size > OPEN_FILES_MAX) this.closeSome(path);
    return fd;
  }

  /** Where all are dirty none is closed: not the one that is wanted now either. */
  private closeSome(wanted: string): void {
    for (const path of this.open.keys()) {
      if (this.open.size <= OPEN_FILES_MAX) return;
      if (path === wanted || this.dirty.has(path) || this.syncing.has(path)) continue;
      this.forget(path);
    }
  }

  private forget(path: string): void {
    const fd = this.open.get(path);
    if (fd === undefined) return;
    if (this.syncing.has(path)) this.closing.push(fd);
    else this.disk.close(fd);
    this.open.delete(path);
    this.dirty.delete(path);
  }
}
