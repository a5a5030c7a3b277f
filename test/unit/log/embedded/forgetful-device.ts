import { readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { systemDisk, type Disk } from '../../../../src/log/embedded/disk.ts';
import { crashed } from './damaged-folder.ts';

interface Held {
  /** Written to the page cache, and not yet asked for by a sync that succeeded or failed. */
  dirty: (readonly [from: number, to: number])[];
  /** What a power cut leaves. */
  device: Buffer;
}

/**
 * A disk as Linux has it: a sync that fails tells so once, and its pages count as clean from then
 * on, though the device lacks them. Only what is written anew is synced anew.
 */
export class ForgetfulDevice {
  failure: Error | undefined;
  readonly disk: Disk;
  private readonly paths = new Map<number, string>();
  private readonly files = new Map<string, Held>();

  constructor() {
    this.disk = {
      ...systemDisk,
      open: (path, create) => {
        const fd = systemDisk.open(path, create);
        this.paths.set(fd, path);
        return fd;
      },
      write: (fd, chunks, position) => {
        systemDisk.write(fd, chunks, position);
        const bytes = chunks.reduce((sum, { length }) => sum + length, 0);
        this.held(this.pathOf(fd)).dirty.push([position, position + bytes]);
      },
      sync: async (fd) => {
        this.sync(this.pathOf(fd));
      },
      remove: (path) => {
        this.files.delete(path);
        systemDisk.remove(path);
      },
    };
  }

  /** A copy of a folder as it is after a power cut. */
  cutPower(folder: string, copy: string): void {
    crashed(folder, copy);
    for (const [path, { device }] of this.files) {
      writeFileSync(join(copy, relative(folder, path)), device);
    }
  }

  private sync(path: string): void {
    const held = this.held(path);
    const { dirty } = held;
    held.dirty = [];
    if (this.failure !== undefined) throw this.failure;
    const written = readFileSync(path);
    const device = Buffer.alloc(written.length);
    held.device.copy(device);
    for (const [from, to] of dirty) written.copy(device, from, from, to);
    held.device = device;
  }

  private pathOf(fd: number): string {
    return this.paths.get(fd) ?? '';
  }

  private held(path: string): Held {
    const held = this.files.get(path) ?? { dirty: [], device: Buffer.alloc(0) };
    this.files.set(path, held);
    return held;
  }
}
