import { join } from 'node:path';
import type { Frame } from './frame.ts';

/** One remembered position for so many bytes: a seek reads at most that much in vain. */
const MEMO_BYTES = 256 << 10;
const BASE_DIGITS = 16;

/** What the index keeps of a segment. */
export interface SegmentRecord {
  /** The first offset that it may hold; also its name. */
  readonly base: number;
  /** Grows each time that compaction rewrites it. */
  readonly generation: number;
  /** The offset after its last frame. */
  readonly next: number;
  readonly bytes: number;
  readonly firstAppendedAtMs: number;
  readonly lastAppendedAtMs: number;
}

const segmentFile = ({ base, generation }: Pick<SegmentRecord, 'base' | 'generation'>): string =>
  `${String(base).padStart(BASE_DIGITS, '0')}.${generation}.segment`;

/** One file of a partition: frames one after another, in offset order. */
export class Segment implements SegmentRecord {
  readonly base: number;
  readonly generation: number;
  readonly path: string;
  next: number;
  bytes: number;
  firstAppendedAtMs: number;
  lastAppendedAtMs: number;
  /** Dropped or replaced: a cursor in it has to look for its place again. */
  isGone = false;
  /** The index does not know its present form. */
  isDirty = false;
  private readonly memoOffsets: number[] = [];
  private readonly memoPositions: number[] = [];

  constructor(folder: string, record: SegmentRecord) {
    this.base = record.base;
    this.generation = record.generation;
    this.next = record.next;
    this.bytes = record.bytes;
    this.firstAppendedAtMs = record.firstAppendedAtMs;
    this.lastAppendedAtMs = record.lastAppendedAtMs;
    this.path = join(folder, segmentFile(record));
  }

  /** A segment without frames yet. */
  static empty(folder: string, base: number, generation = 0): Segment {
    const record = { base, generation, next: base, bytes: 0 };
    return new Segment(folder, {
      ...record,
      firstAppendedAtMs: Number.POSITIVE_INFINITY,
      lastAppendedAtMs: 0,
    });
  }

  get record(): SegmentRecord {
    const { base, generation, next, bytes, firstAppendedAtMs, lastAppendedAtMs } = this;
    return { base, generation, next, bytes, firstAppendedAtMs, lastAppendedAtMs };
  }

  /** Takes note of a frame that now is part of it. */
  grow({ next, appendedAtMs }: Pick<Frame, 'next' | 'appendedAtMs'>, lengthBytes: number): void {
    this.next = next;
    this.bytes += lengthBytes;
    this.firstAppendedAtMs = Math.min(this.firstAppendedAtMs, appendedAtMs);
    this.lastAppendedAtMs = Math.max(this.lastAppendedAtMs, appendedAtMs);
    this.isDirty = true;
  }

  /** Remembers where a frame lies, if it is far enough from the last one remembered. */
  note(base: number, position: number): void {
    const last = this.memoPositions.at(-1) ?? 0;
    if (position < last + MEMO_BYTES) return;
    this.memoOffsets.push(base);
    this.memoPositions.push(position);
  }

  /** A position from which walking forwards meets the frame that holds an offset. */
  positionBefore(target: number): number {
    let low = 0;
    let high = this.memoOffsets.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.memoOffsets[middle] ?? 0) <= target) low = middle + 1;
      else high = middle;
    }
    return low === 0 ? 0 : (this.memoPositions[low - 1] ?? 0);
  }
}
