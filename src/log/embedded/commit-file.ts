import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from '@node-rs/crc32';
import { encodeCommit, type CommitFrame } from './commit-frame.ts';
import type { OpenFiles } from './open-files.ts';

const NUMBER_DIGITS = 8;
const NAME = /^(\d+)\.commits$/;

/** A sync mark makes older frames superfluous; then a file beyond this is left for a new one. */
const ROTATE_BYTES = 1 << 20;

const fileName = (number: number): string =>
  `${String(number).padStart(NUMBER_DIGITS, '0')}.commits`;

/** Beside the commit files: how many commits some index has known. */
const MARKED = 'marked';
const SEQ_BYTES = 8;
const MARKED_BYTES = SEQ_BYTES + 4;

/** Numbers of the commit files in a folder, in order. */
export const commitFileNumbers = (folder: string): readonly number[] =>
  readdirSync(folder)
    .flatMap((name) => NAME.exec(name)?.slice(1) ?? [])
    .map(Number)
    .sort((a, b) => a - b);

export const readCommitFile = (folder: string, number: number): Buffer =>
  readFileSync(join(folder, fileName(number)));

/** The greatest number that `noteMark` wrote; none where a power cut left nothing that is whole. */
export const readMarkedSeq = (folder: string): number | undefined => {
  const path = join(folder, MARKED);
  if (!existsSync(path)) return undefined;
  const bytes = readFileSync(path);
  if (bytes.length < MARKED_BYTES) return undefined;
  const isWhole = crc32(bytes.subarray(0, SEQ_BYTES)) === bytes.readUInt32BE(SEQ_BYTES);
  return isWhole ? bytes.readDoubleBE(0) : undefined;
};

/** Where transactions become true, one frame after another. */
export class CommitFile {
  private readonly files: OpenFiles;
  private readonly folder: string;
  seq: number;
  number: number;
  private bytes = 0;

  constructor(
    files: OpenFiles,
    folder: string,
    at: { readonly seq: number; readonly number: number },
  ) {
    this.files = files;
    this.folder = folder;
    this.seq = at.seq;
    this.number = at.number;
  }

  append(frame: Omit<CommitFrame, 'seq'>): void {
    const { path, bytes: position } = this;
    const bytes = encodeCommit({ seq: this.seq + 1, ...frame });
    try {
      this.files.write(path, [bytes], position);
    } catch (error) {
      this.cutBack(path, position);
      throw error;
    }
    this.seq += 1;
    this.bytes += bytes.length;
  }

  /** Goes on in a new file when this one is long, so that the next mark can drop it. */
  rotate(): void {
    if (this.bytes < ROTATE_BYTES) return;
    this.number += 1;
    this.bytes = 0;
  }

  /** The index knows all commits up to this one: an index that knows fewer is not this log's. */
  noteMark(seq: number): void {
    const bytes = Buffer.alloc(MARKED_BYTES);
    bytes.writeDoubleBE(seq, 0);
    bytes.writeUInt32BE(crc32(bytes.subarray(0, SEQ_BYTES)), SEQ_BYTES);
    this.files.write(join(this.folder, MARKED), [bytes], 0);
  }

  /** Removes the files before a number. */
  dropBefore(number: number): void {
    for (const other of commitFileNumbers(this.folder)) {
      if (other < number) this.files.remove(join(this.folder, fileName(other)));
    }
  }

  private get path(): string {
    return join(this.folder, fileName(this.number));
  }

  private cutBack(path: string, position: number): void {
    try {
      this.files.truncate(path, position);
    } catch {
      // The next frame overwrites what is left, and no rest of it can carry the number after that.
    }
  }
}
