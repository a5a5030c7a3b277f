import type { Frame } from './frame.ts';

/** A frame in the file of its segment; an abort may still strike it out. */
export interface WrittenFrame extends Frame {
  isAborted: boolean;
}

/** When so many frames at the head are gone, the list is copied without them. */
const HOLES_MAX = 64;

/**
 * The last frames of one partition, in memory, so that whoever follows it reads no file; while
 * nobody does, none are kept.
 */
export class Tail {
  /** Offsets from here on are in memory. */
  from: number;
  /** Readers that have been at the end. */
  followers = 0;
  private frames: (WrittenFrame | undefined)[] = [];
  private head = 0;

  constructor(from: number) {
    this.from = from;
  }

  push(frame: WrittenFrame): void {
    this.frames.push(frame);
  }

  /** Leaves out what comes before an offset. */
  skipTo(next: number): void {
    this.from = next;
  }

  /** Gives up the oldest frame. */
  shift(): void {
    const frame = this.frames[this.head];
    if (frame === undefined) return;
    // It may be from before a time without followers.
    this.from = Math.max(this.from, frame.next);
    // At once: a frame may have megabytes, and its place in the list waits for others.
    this.frames[this.head] = undefined;
    this.head += 1;
    if (this.head < HOLES_MAX) return;
    this.frames = this.frames.slice(this.head);
    this.head = 0;
  }

  /** The first frame that ends after an offset, which is not before `from`. */
  at(position: number): WrittenFrame | undefined {
    const { frames } = this;
    let low = this.head;
    let high = frames.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((frames[middle]?.next ?? 0) <= position) low = middle + 1;
      else high = middle;
    }
    return frames[low];
  }
}

/** Bounds what all tails together hold; what came first goes first. */
export class TailCache {
  private readonly bytesMax: number;
  private bytes = 0;
  private queue: { readonly tail: Tail; readonly bytes: number }[] = [];
  private head = 0;

  constructor(bytesMax: number) {
    this.bytesMax = bytesMax;
  }

  add(tail: Tail, frame: WrittenFrame): void {
    tail.push(frame);
    this.queue.push({ tail, bytes: frame.bytes.length });
    this.bytes += frame.bytes.length;
    while (this.bytes > this.bytesMax) this.evict();
  }

  private evict(): void {
    const oldest = this.queue[this.head];
    if (oldest === undefined) return;
    oldest.tail.shift();
    this.bytes -= oldest.bytes;
    this.head += 1;
    if (this.head < HOLES_MAX) return;
    this.queue = this.queue.slice(this.head);
    this.head = 0;
  }
}
