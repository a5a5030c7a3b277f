import { assert } from '../../core/assert.ts';
import { LogError } from '../errors.ts';
import type { PartitionOffsets } from '../log.ts';
import { offset } from '../offset.ts';
import { Waiters } from '../waiters.ts';
import type { NewEnd, Undecided } from './commit-frame.ts';
import type { Frame } from './frame.ts';
import { Segment } from './segment.ts';
import { Tail, type TailCache, type WrittenFrame } from './tail-cache.ts';

/** What a partition needs to know of a transaction. */
export interface TransactionNumber {
  /** Unique in the log's life. */
  readonly number: number;
}

/** A frame with its offsets, from the send on; its bytes are lent until it is decided. */
export interface ReservedFrame extends WrittenFrame {
  readonly transaction: TransactionNumber;
}

interface UndecidedFrame {
  readonly frame: ReservedFrame;
  readonly segment: Segment;
  readonly position: number;
}

/** Frames to write at the end of one segment; nothing has changed until they are applied. */
export interface Append {
  readonly segment: Segment;
  readonly isNew: boolean;
  readonly position: number;
  readonly frames: ReservedFrame[];
  bytes: number;
}

export interface PartitionSettings {
  readonly topic: string;
  readonly topicId: number;
  readonly partition: number;
  readonly folder: string;
  readonly segmentBytesMax: number;
}

/** What cleanup decided; true at once, whatever the last sync mark says. */
export interface FloorRecord {
  readonly start: number;
  /** Compaction has seen everything before it. */
  readonly cleanedTo: number;
}

/** What is true at a sync mark. */
export interface EndRecord {
  readonly end: number;
  readonly undecided: readonly Undecided[];
}

/** One partition: its segments, who has reserved what, and how far readers may go. */
export class Partition {
  readonly settings: PartitionSettings;
  readonly segments: Segment[] = [];
  readonly tail: Tail;
  readonly waiters = new Waiters();
  start: number;
  /** The next offset to give away. */
  end: number;
  stableEnd: number;
  cleanedTo: number;
  /** The index does not know its present end. */
  isDirty = false;
  private isSealed = false;
  private pending: ReservedFrame[] = [];
  private undecided: UndecidedFrame[] = [];
  private readonly open = new Map<TransactionNumber, number>();

  constructor(settings: PartitionSettings, { start, cleanedTo }: FloorRecord, end: number) {
    this.settings = settings;
    this.start = start;
    this.end = end;
    this.stableEnd = end;
    this.cleanedTo = cleanedTo;
    this.tail = new Tail(end);
  }

  get active(): Segment | undefined {
    return this.segments.at(-1);
  }

  get offsets(): PartitionOffsets {
    return {
      start: offset(this.start),
      stableEnd: offset(this.stableEnd),
      end: offset(this.end),
    };
  }

  get floorRecord(): FloorRecord {
    return { start: this.start, cleanedTo: this.cleanedTo };
  }

  get endRecord(): EndRecord {
    const { topicId, partition } = this.settings;
    return {
      end: this.end,
      undecided: this.undecided.map(({ frame, segment, position }) => ({
        topicId,
        partition,
        segment: segment.base,
        position,
        transaction: frame.transaction.number,
      })),
    };
  }

  /**
   * Segments that cleanup may take: nothing is appended to them any more, everything in them is
   * decided, and the index knows them whole. One that a commit frame after the sync mark names has
   * to stay, or recovery would miss it and drop that transaction with all later ones.
   */
  get sealed(): readonly Segment[] {
    const sealed = this.isSealed ? this.segments : this.segments.slice(0, -1);
    return sealed.filter(({ next, isDirty }) => next <= this.stableEnd && !isDirty);
  }

  /** The next append starts a new segment. */
  seal(): void {
    this.isSealed = true;
  }

  /** Takes over where recovery found the end to be; memory begins there. */
  recoveredTo(end: number): void {
    this.end = end;
    this.stableEnd = end;
    this.tail.from = end;
  }

  refuseOutOfRange(position: number): void {
    if (position >= this.start && position <= this.end) return;
    const { topic, partition } = this.settings;
    throw new LogError(
      'LOG_OFFSET_OUT_OF_RANGE',
      `${topic}/${partition} has offsets ${this.start} to ${this.end}, not ${position}`,
    );
  }

  /** Gives a frame, which starts at `end`, its offsets for good. */
  reserve(transaction: TransactionNumber, frame: Frame): void {
    assert(frame.base === this.end, `a frame starts at ${frame.base}, not at ${this.end}`);
    if (!this.open.has(transaction)) this.open.set(transaction, frame.base);
    this.pending.push({ ...frame, transaction, isAborted: false });
    this.end = frame.next;
  }

  /**
   * What has to be written before a transaction can commit: its frames and all that were reserved
   * before them, since files are in offset order.
   */
  plan(transaction: TransactionNumber): Append[] {
    const count = this.pending.findLastIndex((frame) => frame.transaction === transaction) + 1;
    const appends: Append[] = [];
    for (const frame of this.pending.slice(0, count)) {
      const append = this.appendFor(frame, appends);
      append.frames.push(frame);
      append.bytes += frame.bytes.length;
    }
    return appends;
  }

  /** The new ends and the frames written early, as the commit frame names them. */
  describe(
    append: Append,
    transaction: TransactionNumber,
  ): { readonly end: NewEnd; readonly undecided: readonly Undecided[] } {
    const { topicId, partition } = this.settings;
    const place = { topicId, partition, segment: append.segment.base };
    const undecided: Undecided[] = [];
    let { position } = append;
    for (const frame of append.frames) {
      if (frame.transaction !== transaction) {
        undecided.push({ ...place, position, transaction: frame.transaction.number });
      }
      position += frame.bytes.length;
    }
    const next = append.frames.at(-1)?.next ?? append.segment.next;
    return { end: { ...place, bytes: position, next }, undecided };
  }

  /** The commit frame is written: what was planned is part of the partition. */
  apply(append: Append, transaction: TransactionNumber, cache: TailCache): void {
    const { segment } = append;
    this.isDirty = true;
    if (append.isNew) {
      this.segments.push(segment);
      this.isSealed = false;
    }
    for (const frame of append.frames) {
      const position = segment.bytes;
      segment.note(frame.base, position);
      segment.grow(frame, frame.bytes.length);
      const kept = this.keep(frame, cache);
      if (frame.transaction !== transaction) {
        this.undecided.push({ frame: kept, segment, position });
      }
    }
    this.pending = this.pending.slice(append.frames.length);
  }

  /** Frames of a transaction that are in a file already. */
  writtenOf(transaction: TransactionNumber): readonly UndecidedFrame[] {
    return this.undecided.filter(({ frame }) => frame.transaction === transaction);
  }

  /** Forgets what an aborted transaction never wrote; its offsets stay a gap. */
  dropPending(transaction: TransactionNumber): void {
    this.pending = this.pending.filter((frame) => frame.transaction !== transaction);
  }

  /** The transaction is decided: readers may go on to the next one that is not. */
  settle(transaction: TransactionNumber): void {
    if (this.undecided.length > 0) {
      this.undecided = this.undecided.filter(({ frame }) => frame.transaction !== transaction);
    }
    this.open.delete(transaction);
    this.isDirty = true;
    let stable = this.end;
    for (const first of this.open.values()) if (first < stable) stable = first;
    this.stableEnd = stable;
    this.waiters.wake();
  }

  /** Takes sealed segments out and puts others in their place, in one step for readers. */
  replace(gone: readonly Segment[], by: readonly Segment[]): void {
    const at = this.segments.findIndex((segment) => segment === gone[0]);
    assert(at >= 0 || gone.length === 0, 'a segment to replace is not there');
    this.segments.splice(at, gone.length, ...by);
    for (const segment of gone) segment.isGone = true;
  }

  /** Puts a frame where followers find it, with bytes of its own: the sender's are lent. */
  private keep(frame: ReservedFrame, cache: TailCache): ReservedFrame {
    if (this.tail.followers === 0) {
      this.tail.skipTo(frame.next);
      return frame;
    }
    const kept = { ...frame, bytes: Buffer.from(frame.bytes) };
    cache.add(this.tail, kept);
    return kept;
  }

  /** The append that takes a frame: the one begun, else one at the end, else a new segment. */
  private appendFor(frame: ReservedFrame, appends: Append[]): Append {
    const last = appends.at(-1);
    if (last !== undefined && this.fits(frame, last.position + last.bytes)) return last;
    const { active } = this;
    const canContinue = last === undefined && !this.isSealed;
    const continues = canContinue && active !== undefined && this.fits(frame, active.bytes);
    const append: Append = continues
      ? { segment: active, isNew: false, position: active.bytes, frames: [], bytes: 0 }
      : { segment: this.segmentAt(frame), isNew: true, position: 0, frames: [], bytes: 0 };
    appends.push(append);
    return append;
  }

  private fits({ bytes }: ReservedFrame, filledBytes: number): boolean {
    return filledBytes === 0 || filledBytes + bytes.length <= this.settings.segmentBytesMax;
  }

  private segmentAt({ base }: ReservedFrame): Segment {
    return Segment.empty(this.settings.folder, base);
  }
}
