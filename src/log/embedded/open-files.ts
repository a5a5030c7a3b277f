import { dirname } from 'node:path';
import { diskError, type Disk } from './disk.ts';

/**
 * Below the 1,024 descriptors that a process may have by default, with room for everything else.
 */
const OPEN_FILES_MAX = 256;

/** How many files go to the device at once. */
const SYNCS_AT_ONCE = 4;

/** Descriptors by path, the least recently used closed first; knows what the device lacks. */
export class OpenFiles {
  private readonly disk: Disk;
  private readonly open = new Map<string, number>();
  private dirty = new Set<string>();
  /** Being synced: not to be closed meanwhile. */
  private syncing: ReadonlySet<string> = new Set();
  private newFolders = new Set<string>();

  constructor(disk: Disk) {
    this.disk = disk;
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

  /** What an earlier process wrote may not be on the device either. */
  markDirty(path: string): void {
    try {
      this.descriptor(path, false);
      this.dirty.add(path);
    } catch (cause) {
      throw diskError(path, cause);
    }
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

  /**
   * Brings what was written before this call to the device. A file written meanwhile stays dirty;
   * after a failure all of them do.
   */
  async sync(): Promise<void> {
    const paths = this.dirty;
    const folders = this.newFolders;
    this.dirty = new Set();
    this.newFolders = new Set();
    this.syncing = paths;
    try {
      const queue = [...paths, ...folders];
      while (queue.length > 0) {
        await Promise.all(
          queue.splice(0, SYNCS_AT_ONCE).map((path) => this.syncOne(path, folders)),
        );
      }
    } catch (cause) {
      for (const path of paths) this.dirty.add(path);
      for (const folder of folders) this.newFolders.add(folder);
      throw diskError('a file of the log', cause);
    } finally {
      this.syncing = new Set();
    }
  }

  close(): void {
    for (const fd of this.open.values()) this.disk.close(fd);
    this.open.clear();
  }

  private async syncOne(path: string, folders: ReadonlySet<string>): Promise<void> {
    if (folders.has(path)) {
      await this.disk.syncFolder(path);
      return;
    }
    const fd = this.open.get(path);
    // Removed meanwhile: nothing of it has to survive.
    if (fd !== undefined) await this.disk.sync(fd);
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
    if (fd !== undefined) this.disk.close(fd);
    this.open.delete(path);
    this.dirty.delete(path);
  }
}
