import { LogError } from '../errors.ts';
import {
  FRAME_HEAD_BYTES,
  frameLength,
  isAborted,
  readFrame,
  readHead,
  type Frame,
} from './frame.ts';
import type { OpenFiles } from './open-files.ts';
import type { Segment } from './segment.ts';

/** One read of a file; large enough that system calls do not count. */
const CHUNK_BYTES = 1 << 20;

/** A seek looks at heads only, and reads so much at a time. */
const SEEK_BYTES = 64 << 10;

const corrupt = (segment: Segment, position: number): LogError =>
  new LogError(
    'LOG_CORRUPT',
    `${segment.path} is damaged at byte ${position}: restore the folder from a copy, or start ` +
      'with an empty one and load the sources again',
  );

/** Walks the frames of one segment in file order, by large reads. */
export class SegmentReader {
  readonly segment: Segment;
  /** Where the next frame starts in the file. */
  position: number;
  private readonly files: OpenFiles;
  private chunk: Buffer = Buffer.alloc(0);
  private chunkAt = 0;
  /** What was read reflects decisions on transactions before this offset only. */
  private chunkStable = 0;

  constructor(files: OpenFiles, segment: Segment, position: number) {
    this.files = files;
    this.segment = segment;
    this.position = position;
  }

  /** A reader at the frame that holds an offset, or at the first one after it. */
  static seek(files: OpenFiles, segment: Segment, target: number): SegmentReader {
    const reader = new SegmentReader(files, segment, segment.positionBefore(target));
    while (reader.position < segment.bytes) {
      const head = reader.head();
      if (head.next > target) break;
      reader.position += frameLength(head.bytes, 0);
    }
    return reader;
  }

  /** The next frame that is no aborted one and ends before `stableEnd`, checksum verified. */
  next(stableEnd: number): Frame | undefined {
    while (this.position < this.segment.bytes) {
      const frame = this.whole(stableEnd);
      if (frame.next > stableEnd) return undefined;
      this.position += frame.bytes.length;
      if (!isAborted(frame)) return frame;
    }
    return undefined;
  }

  private head(): Frame {
    const { segment, position } = this;
    this.fill(FRAME_HEAD_BYTES, SEEK_BYTES);
    const at = position - this.chunkAt;
    if (frameLength(this.chunk, at) === 0) throw corrupt(segment, position);
    const head = readHead(this.chunk, at);
    segment.note(head.base, position);
    return head;
  }

  private whole(stableEnd: number): Frame {
    const { segment, position } = this;
    if (this.chunkStable < stableEnd && this.isUndecided()) this.chunk = Buffer.alloc(0);
    if (this.chunk.length === 0) this.chunkStable = stableEnd;
    this.fill(FRAME_HEAD_BYTES, CHUNK_BYTES, stableEnd);
    const length = frameLength(this.chunk, position - this.chunkAt);
    if (length === 0 || position + length > segment.bytes) throw corrupt(segment, position);
    this.fill(length, CHUNK_BYTES, stableEnd);
    const frame = readFrame(this.chunk, position - this.chunkAt, length);
    if (frame === undefined) throw corrupt(segment, position);
    segment.note(frame.base, position);
    return frame;
  }

  /** Whether the frame at hand was read before its transaction was decided. */
  private isUndecided(): boolean {
    const at = this.position - this.chunkAt;
    if (at < 0 || this.chunk.length - at < FRAME_HEAD_BYTES) return false;
    return readHead(this.chunk, at).next > this.chunkStable;
  }

  /** Makes sure that so many bytes from the position on are in the chunk. */
  private fill(bytes: number, readBytes: number, stableEnd = 0): void {
    const { segment, position } = this;
    if (position >= this.chunkAt && position + bytes <= this.chunkAt + this.chunk.length) return;
    const left = segment.bytes - position;
    const wanted = Math.min(Math.max(bytes, readBytes), left);
    if (left < bytes) throw corrupt(segment, position);
    // A new buffer each time: records given away are views of the old one.
    const chunk = Buffer.allocUnsafe(wanted);
    if (this.files.read(segment.path, chunk, position) < wanted) throw corrupt(segment, position);
    this.chunk = chunk;
    this.chunkAt = position;
    this.chunkStable = stableEnd;
  }
}
