// Hot file: indices are in range by construction; a frame is decoded only after its checksum held.
import { crc32 } from '@node-rs/crc32';
import type { LogRecord, PackedChunk } from '../log.ts';
import type { Offset } from '../offset.ts';
import { putBytes, putHeaders, type RecordContent } from '../packed-layout.ts';
import { PackedReader } from '../packed-reader.ts';
import { CHUNK_HEAD_BYTES } from '../packer-slabs.ts';
import { putVarint } from '../varint.ts';

/**
 * Layout, big-endian: length of what follows the prefix (4), CRC-32 of it (4), kind (1); then base
 * offset (6), offsets covered (4), records (4), append time in epoch ms (8), flags (1), and the
 * records as varints and bytes. The kind is outside of the checksum, since an abort changes it.
 */
const PREFIX_BYTES = 9;
const KIND_AT = 8;
const BASE_AT = 9;
const SPAN_AT = 15;
const COUNT_AT = 19;
const TIME_AT = 23;
const FLAGS_AT = 31;
/** Records are packed with room for a frame's head. */
const RECORDS_AT = CHUNK_HEAD_BYTES;

export const FRAME_HEAD_BYTES = RECORDS_AT;
/** Where in a frame an abort writes `ABORTED`. */
export const ABORT_AT = KIND_AT;

const DATA = 0x44;
export const ABORTED = 0x41;

/** Each record carries its own append time, as a difference: frames that compaction joined. */
const TIMED = 1;

/** A frame longer than this is damage; senders split far below it. */
const FRAME_BYTES_MAX = 128 << 20;

/** What a frame says of itself, and its bytes. */
export interface Frame {
  readonly bytes: Buffer;
  readonly base: number;
  /** The offset after the last one that it covers. */
  readonly next: number;
  readonly count: number;
  readonly appendedAtMs: number;
}

/** Writes the head of a frame whose records are in its bytes already. */
const sealed = (frame: Frame, flags: number): Frame => {
  const { bytes, base, next, count, appendedAtMs } = frame;
  bytes.writeUInt32BE(bytes.length - PREFIX_BYTES, 0);
  bytes[KIND_AT] = DATA;
  bytes.writeUIntBE(base, BASE_AT, 6);
  bytes.writeUInt32BE(next - base, SPAN_AT);
  bytes.writeUInt32BE(count, COUNT_AT);
  bytes.writeDoubleBE(appendedAtMs, TIME_AT);
  bytes[FLAGS_AT] = flags;
  bytes.writeUInt32BE(crc32(bytes.subarray(PREFIX_BYTES)), 4);
  return frame;
};

/** Makes a frame of packed records where they lie: nothing is copied. */
export const frameOf = ({ bytes, count }: PackedChunk, base: number, appendedAtMs: number): Frame =>
  sealed({ bytes, base, next: base + count, count, appendedAtMs }, 0);

export interface FrameStart {
  readonly base: number;
  readonly appendedAtMs: number;
  /** At least the sum of `packedBytesMax` of what will be added. */
  readonly capacityBytes: number;
}

/** Fills one frame with records that bring append times of their own, not before the frame's. */
export class FrameBuilder {
  private readonly base: number;
  private readonly appendedAtMs: number;
  private readonly bytes: Buffer;
  private at = RECORDS_AT;
  private count = 0;
  private next: number;

  constructor({ base, appendedAtMs, capacityBytes }: FrameStart) {
    this.base = base;
    this.next = base;
    this.appendedAtMs = appendedAtMs;
    this.bytes = Buffer.allocUnsafe(RECORDS_AT + capacityBytes);
  }

  /** Adds a record at an offset that is not before the next one. */
  add(at: number, appendedAtMs: number, { key, value, headers }: RecordContent): void {
    const { bytes } = this;
    let end = putVarint(bytes, this.at, at - this.next);
    end = putVarint(bytes, end, appendedAtMs - this.appendedAtMs);
    end = putBytes(bytes, end, key);
    end = putBytes(bytes, end, value);
    this.at = putHeaders(bytes, end, headers);
    this.next = at + 1;
    this.count += 1;
  }

  finish(): Frame {
    const { base, next, count, appendedAtMs } = this;
    return sealed(
      { bytes: this.bytes.subarray(0, this.at), base, next, count, appendedAtMs },
      TIMED,
    );
  }
}

/** Length of the frame that starts at `at`, prefix included; 0 when no frame can start there. */
export const frameLength = (bytes: Buffer, at: number): number => {
  if (bytes.length - at < 4) return 0;
  const length = bytes.readUInt32BE(at) + PREFIX_BYTES;
  return length < RECORDS_AT || length > FRAME_BYTES_MAX ? 0 : length;
};

/** The head of a frame whose first `FRAME_HEAD_BYTES` lie at `at`; its bytes are the head alone. */
export const readHead = (bytes: Buffer, at: number): Frame => {
  const base = bytes.readUIntBE(at + BASE_AT, 6);
  return {
    bytes: bytes.subarray(at, at + RECORDS_AT),
    base,
    next: base + bytes.readUInt32BE(at + SPAN_AT),
    count: bytes.readUInt32BE(at + COUNT_AT),
    appendedAtMs: bytes.readDoubleBE(at + TIME_AT),
  };
};

/** The whole frame of `length` bytes at `at`, or undefined when its checksum fails. */
export const readFrame = (bytes: Buffer, at: number, length: number): Frame | undefined => {
  const frame = bytes.subarray(at, at + length);
  const isKnown = frame[KIND_AT] === DATA || frame[KIND_AT] === ABORTED;
  const isWhole = isKnown && crc32(frame.subarray(PREFIX_BYTES)) === frame.readUInt32BE(4);
  return isWhole ? { ...readHead(frame, 0), bytes: frame } : undefined;
};

export const isAborted = ({ bytes }: Frame): boolean => bytes[KIND_AT] === ABORTED;

/** Takes the records out of a frame one by one, as views of its bytes. */
export class FrameCursor {
  /** The offset of the last record taken + 1. */
  next: number;
  private readonly frame: Frame;
  private readonly timed: boolean;
  private readonly reader: PackedReader;
  private remaining: number;

  constructor(frame: Frame) {
    this.frame = frame;
    this.next = frame.base;
    this.remaining = frame.count;
    this.timed = frame.bytes[FLAGS_AT] === TIMED;
    this.reader = new PackedReader(frame.bytes, RECORDS_AT);
  }

  get isDone(): boolean {
    return this.remaining === 0;
  }

  take(topic: string, partition: number): LogRecord {
    const { reader, frame } = this;
    const at = this.next + reader.number();
    const appendedAtMs = frame.appendedAtMs + (this.timed ? reader.number() : 0);
    const key = reader.bytes();
    const value = reader.bytes();
    const headers = reader.headers();
    this.next = at + 1;
    this.remaining -= 1;
    // What was written as an offset is read as one: the checksum held.
    return { topic, partition, offset: at as Offset, appendedAtMs, key, value, headers };
  }
}
