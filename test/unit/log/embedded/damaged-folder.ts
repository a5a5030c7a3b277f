import {
  cpSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join, relative } from 'node:path';
import type { SeededRandom } from '../../../../src/core/random.ts';

/** Size of each file of segments and commits, by its path in the folder. */
export type Sizes = ReadonlyMap<string, number>;

const isGone = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ENOENT';

/** LevelDB's own thread may drop a file while it is being copied, a few times at most. */
const COPIES_MAX = 10;

/**
 * A folder as a kill at this instant would leave it: what was written is there, nothing is closed.
 */
export const crashed = (folder: string, copy: string): void => {
  for (let left = COPIES_MAX; left > 0; left -= 1) {
    try {
      cpSync(folder, copy, { recursive: true });
      return;
    } catch (error) {
      if (!isGone(error) || left === 1) throw error;
      rmSync(copy, { recursive: true, force: true });
    }
  }
};

export const sizesOf = (folder: string): Sizes => {
  const sizes = new Map<string, number>();
  for (const part of ['topics', 'commits']) {
    for (const entry of readdirSync(join(folder, part), { recursive: true, withFileTypes: true })) {
      const path = join(entry.parentPath, entry.name);
      if (entry.isFile()) sizes.set(relative(folder, path), statSync(path).size);
    }
  }
  return sizes;
};

/**
 * Truncates or garbles one file somewhere behind its synced size, as a power cut may; says what it
 * did, or undefined when nothing lies behind.
 */
export const damage = (folder: string, synced: Sizes, random: SeededRandom): string | undefined => {
  const open = [...sizesOf(folder)].filter(([path, size]) => size > (synced.get(path) ?? 0));
  const [path, size] = open[random.int(open.length)] ?? [];
  if (path === undefined || size === undefined) return undefined;
  const from = synced.get(path) ?? 0;
  const at = from + random.int(size - from);
  const file = join(folder, path);
  if (random.next() < 0.5) {
    truncateSync(file, at);
    return `${path} cut at ${at}`;
  }
  const bytes = readFileSync(file);
  for (let index = at; index < Math.min(size, at + 1 + random.int(64)); index += 1) {
    bytes[index] = (bytes[index] ?? 0) ^ (1 + random.int(255));
  }
  writeFileSync(file, bytes);
  return `${path} garbled from ${at}`;
};
