import { crc32 } from '@node-rs/crc32';
import type { GroupOffset } from '../log.ts';
import { offset } from '../offset.ts';
import { putVarint, putWide, VarintReader } from '../varint.ts';

/** Where a partition is: the number of its topic, and its own. */
export interface PartitionId {
  readonly topicId: number;
  readonly partition: number;
}

/** A segment of a partition now ends here. */
export interface NewEnd extends PartitionId {
  readonly segment: number;
  readonly bytes: number;
  readonly next: number;
}

/** A frame that had to be written before its own transaction was decided. */
export interface Undecided extends PartitionId {
  readonly segment: number;
  readonly position: number;
  readonly transaction: number;
}

/** Offsets that an aborted transaction used up. */
export interface Moved extends PartitionId {
  readonly next: number;
}

/** The atomic point of a transaction: what it wrote counts once this is in the commit file. */
export interface CommitFrame {
  /** One more than that of the frame before: nothing stale can follow. */
  readonly seq: number;
  /** 0: no transaction is committed, offsets only moved. */
  readonly transaction: number;
  readonly ends: readonly NewEnd[];
  readonly undecided: readonly Undecided[];
  readonly moved: readonly Moved[];
  readonly groupOffsets: readonly GroupOffset[];
}

const PREFIX_BYTES = 8;
const NUMBER_BYTES = 8;

const textBytes = (text: string): number => NUMBER_BYTES + 3 * text.length;

const capacityOf = ({ ends, undecided, moved, groupOffsets }: CommitFrame): number => {
  const numbers = 6 + 5 * ends.length + 5 * undecided.length + 3 * moved.length;
  let bytes = PREFIX_BYTES + numbers * NUMBER_BYTES;
  for (const { group, topic } of groupOffsets) {
    bytes += textBytes(group) + textBytes(topic) + 2 * NUMBER_BYTES;
  }
  return bytes;
};

class Writer {
  readonly bytes: Buffer;
  at = PREFIX_BYTES;

  constructor(capacity: number) {
    this.bytes = Buffer.allocUnsafe(capacity);
  }

  numbers(...values: readonly number[]): void {
    for (const value of values) this.at = putWide(this.bytes, this.at, value);
  }

  text(text: string): void {
    this.at = putVarint(this.bytes, this.at, Buffer.byteLength(text));
    this.at += this.bytes.write(text, this.at, 'utf8');
  }
}

export const encodeCommit = (frame: CommitFrame): Buffer => {
  const writer = new Writer(capacityOf(frame));
  writer.numbers(frame.seq, frame.transaction, frame.ends.length);
  for (const { topicId, partition, segment, bytes, next } of frame.ends) {
    writer.numbers(topicId, partition, segment, bytes, next);
  }
  writer.numbers(frame.undecided.length);
  for (const { topicId, partition, segment, position, transaction } of frame.undecided) {
    writer.numbers(topicId, partition, segment, position, transaction);
  }
  writer.numbers(frame.moved.length);
  for (const { topicId, partition, next } of frame.moved) writer.numbers(topicId, partition, next);
  writer.numbers(frame.groupOffsets.length);
  for (const { group, topic, partition, next } of frame.groupOffsets) {
    writer.text(group);
    writer.text(topic);
    writer.numbers(partition, next);
  }
  const bytes = writer.bytes.subarray(0, writer.at);
  bytes.writeUInt32BE(bytes.length - PREFIX_BYTES, 0);
  bytes.writeUInt32BE(crc32(bytes.subarray(PREFIX_BYTES)), 4);
  return bytes;
};

const takeText = (reader: VarintReader, bytes: Buffer): string => {
  const length = reader.take();
  reader.at += length;
  return bytes.toString('utf8', reader.at - length, reader.at);
};

const takeList = <T>(reader: VarintReader, take: () => T): readonly T[] =>
  Array.from({ length: reader.takeWide() }, take);

const decode = (bytes: Buffer): CommitFrame => {
  const reader = new VarintReader(bytes, 0);
  const wide = (): number => reader.takeWide();
  // Members are evaluated in the order in which they were written.
  return {
    seq: wide(),
    transaction: wide(),
    ends: takeList(reader, () => ({
      topicId: wide(),
      partition: wide(),
      segment: wide(),
      bytes: wide(),
      next: wide(),
    })),
    undecided: takeList(reader, () => ({
      topicId: wide(),
      partition: wide(),
      segment: wide(),
      position: wide(),
      transaction: wide(),
    })),
    moved: takeList(reader, () => ({ topicId: wide(), partition: wide(), next: wide() })),
    groupOffsets: takeList(reader, () => ({
      group: takeText(reader, bytes),
      topic: takeText(reader, bytes),
      partition: wide(),
      next: offset(wide()),
    })),
  };
};

/** The whole frames at the head of a commit file; what comes after the first torn one is left. */
export function* commitFrames(file: Buffer): Iterable<CommitFrame> {
  let at = 0;
  while (file.length - at >= PREFIX_BYTES) {
    const start = at + PREFIX_BYTES;
    const end = start + file.readUInt32BE(at);
    if (end === start || end > file.length) return;
    const body = file.subarray(start, end);
    if (crc32(body) !== file.readUInt32BE(at + 4)) return;
    yield decode(body);
    at = end;
  }
}
