import { join } from 'node:path';
import type { ClassicLevel } from 'classic-level';
import { openLevel } from './open-level.ts';

/**
 * Keeps a folder for this process, until it closes or ends in whatever way. Node locks no files,
 * LevelDB does; this one holds nothing else, so that the index can be opened again without letting
 * another process in.
 */
export class FolderLock {
  private readonly level: ClassicLevel;

  private constructor(level: ClassicLevel) {
    this.level = level;
  }

  static async take(folder: string): Promise<FolderLock> {
    return new FolderLock(await openLevel(join(folder, 'lock'), folder));
  }

  async release(): Promise<void> {
    await this.level.close();
  }
}
