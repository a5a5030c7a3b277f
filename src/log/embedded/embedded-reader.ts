import { LogError } from '../errors.ts';
import type { LogReader, LogRecord, PollLimits, Polled } from '../log.ts';
import { offset, type Offset } from '../offset.ts';
import { FrameCursor, type Frame } from './frame.ts';
import type { OpenFiles } from './open-files.ts';
import type { Partition } from './partition.ts';
import { SegmentReader } from './segment-reader.ts';

export interface ReaderHost {
  readonly files: OpenFiles;
  refuseClosed(): void;
}

/** A cursor over one partition: from memory where the tail has it, else from the segments. */
export class EmbeddedReader implements LogReader {
  readonly topic: string;
  readonly partition: number;
  private readonly host: ReaderHost;
  private readonly source: Partition;
  private position: number;
  /** The frame that the last poll stopped in. */
  private cursor: FrameCursor | undefined;
  private cursorEnd = 0;
  private segmentReader: SegmentReader | undefined;
  private isFollowing = false;
  private isClosed = false;

  constructor(host: ReaderHost, source: Partition, from: Offset) {
    this.topic = source.settings.topic;
    this.partition = source.settings.partition;
    this.host = host;
    this.source = source;
    this.position = from;
  }

  async poll(limits: PollLimits): Promise<Polled> {
    this.refuseClosed();
    this.source.refuseOutOfRange(this.position);
    const records: LogRecord[] = [];
    let bytes = 0;
    while (records.length < limits.maxRecords && bytes < limits.maxBytes) {
      const cursor = this.cursorAtPosition();
      if (cursor === undefined) break;
      bytes += this.drain(cursor, records, { ...limits, maxBytes: limits.maxBytes - bytes });
    }
    return { records, next: offset(this.position) };
  }

  async more(signal: AbortSignal): Promise<void> {
    if (this.isClosed || this.source.stableEnd > this.position) return;
    await this.source.waiters.changed(signal);
  }

  seek(next: Offset): void {
    this.position = next;
    this.cursor = undefined;
    this.segmentReader = undefined;
  }

  close(): void {
    if (this.isFollowing) this.source.tail.followers -= 1;
    this.isFollowing = false;
    this.isClosed = true;
    this.seek(this.source.offsets.start);
    this.source.waiters.wake();
  }

  private refuseClosed(): void {
    this.host.refuseClosed();
    if (this.isClosed) throw new LogError('LOG_CLOSED', 'the reader is closed');
  }

  /** Whoever has been at the end wants what comes next at once. */
  private follow(): void {
    if (!this.isFollowing) this.source.tail.followers += 1;
    this.isFollowing = true;
  }

  /** The cursor of the frame that holds the position; none at the stable end. */
  private cursorAtPosition(): FrameCursor | undefined {
    if (this.cursor !== undefined) return this.cursor;
    const frame = this.nextFrame();
    if (frame === undefined) {
      this.position = Math.max(this.position, this.source.stableEnd);
      this.segmentReader = undefined;
      this.follow();
      return undefined;
    }
    this.cursor = new FrameCursor(frame);
    this.cursorEnd = frame.next;
    return this.cursor;
  }

  private nextFrame(): Frame | undefined {
    const { source } = this;
    if (this.position >= source.stableEnd) return undefined;
    return this.position >= source.tail.from ? this.fromTail() : this.fromSegments();
  }

  private fromTail(): Frame | undefined {
    const { source } = this;
    this.segmentReader = undefined;
    let frame = source.tail.at(this.position);
    while (frame?.isAborted === true && frame.next <= source.stableEnd) {
      frame = source.tail.at(frame.next);
    }
    return frame !== undefined && frame.next <= source.stableEnd ? frame : undefined;
  }

  /** The next frame of the files; they have all that is decided, the tail's frames too. */
  private fromSegments(): Frame | undefined {
    const { source } = this;
    for (;;) {
      const reader = this.readerAtPosition();
      const frame = reader?.next(source.stableEnd);
      if (frame !== undefined || reader === undefined) return frame;
      const { segment, position } = reader;
      // It stopped before the end of the file: what comes next is not decided yet.
      if (position < segment.bytes) return undefined;
      const following = source.segments[source.segments.indexOf(segment) + 1];
      if (following === undefined) return undefined;
      this.position = Math.max(this.position, following.base);
      this.segmentReader = new SegmentReader(this.host.files, following, 0);
    }
  }

  private readerAtPosition(): SegmentReader | undefined {
    const current = this.segmentReader;
    if (current !== undefined && !current.segment.isGone) return current;
    const { segments } = this.source;
    const index = segments.findLastIndex(({ base }) => base <= this.position);
    const segment = segments[Math.max(index, 0)];
    if (segment === undefined) return undefined;
    this.segmentReader = SegmentReader.seek(this.host.files, segment, this.position);
    return this.segmentReader;
  }

  /** Takes records from the frame until it or a limit ends; returns their bytes. */
  private drain(cursor: FrameCursor, into: LogRecord[], limits: PollLimits): number {
    const { topic, partition } = this;
    let bytes = 0;
    while (!cursor.isDone && into.length < limits.maxRecords && bytes < limits.maxBytes) {
      const record = cursor.take(topic, partition);
      if (record.offset < this.position) continue;
      bytes += (record.key?.length ?? 0) + (record.value?.length ?? 0);
      into.push(record);
    }
    if (cursor.isDone) {
      this.position = Math.max(this.position, this.cursorEnd);
      this.cursor = undefined;
    } else this.position = Math.max(this.position, cursor.next);
    return bytes;
  }
}
