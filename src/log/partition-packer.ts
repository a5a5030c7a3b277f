// Hot file: what goes on the log passes here byte by byte.
import { Arena } from '../schemas/arena.ts';
import type { ByteSink } from '../schemas/serde.ts';
import type { Headers, PackedChunk, PackedPartition } from './log.ts';
import {
  BYTES_PER_UNIT_MAX,
  headersBytesMax,
  packedBytesMax,
  putBytes,
  putHeaders,
  VARINT_BYTES_MAX,
  type RecordContent,
} from './packed-layout.ts';
import { PackerSlabs } from './packer-slabs.ts';
import { recordBytes, refuseTooLarge, textBytes } from './record-size.ts';
import { putVarint } from './varint.ts';

/** Offsets between a record and the one before. */
const NO_GAP = 0;
const NONE = 0;
/** Room for the length of a value before it is known; most have less than 16 KiB. */
const LENGTH_BYTES = 2;
const LENGTH_IN_TWO_MAX = 0x3fff;
const ASCII_MAX = 0x7f;

const NO_PREFIX = Buffer.alloc(0);

/** Writes two bytes whatever the number is: a reader takes no offence at a leading zero group. */
const putInTwo = (bytes: Uint8Array, at: number, value: number): void => {
  bytes[at] = (value & 0x7f) | 0x80;
  bytes[at + 1] = value >>> 7;
};

const varintBytes = (value: number): number => {
  let count = 1;
  for (let rest = value >>> 7; rest > 0; rest >>>= 7) count += 1;
  return count;
};

/**
 * Records on their way to one partition, each written once, in the layout in which the embedded log
 * keeps them (packed-layout.ts).
 */
export class PartitionPacker implements PackedPartition {
  readonly topic: string;
  readonly partition: number;
  /** Records that are whole. */
  count = 0;
  private readonly slabs = new PackerSlabs();
  private readonly arena: Arena;
  /** Of the record that is being written, from its start: its value, and how long its key is. */
  private valueAt = 0;
  private keyBytes = 0;

  constructor(topic: string, partition: number) {
    this.topic = topic;
    this.partition = partition;
    this.arena = new Arena(this.slabs);
  }

  /** A record by its parts; a record that was begun and not ended is forgotten. */
  add(content: RecordContent): void {
    const { arena } = this;
    const { key, value, headers } = content;
    refuseTooLarge(this, recordBytes(content));
    this.start();
    arena.reserve(packedBytesMax(content));
    const valueAt = putBytes(arena.bytes, arena.position, key);
    arena.position = putBytes(arena.bytes, valueAt, value);
    this.finish(headers);
  }

  /** Begins a record with a key; its value is what is then written to the returned sink. */
  begin(key: string, prefix: Uint8Array = NO_PREFIX): ByteSink {
    const { arena } = this;
    this.start();
    this.putKey(prefix, key);
    arena.reserve(LENGTH_BYTES);
    this.valueAt = arena.position + LENGTH_BYTES - arena.start;
    arena.position += LENGTH_BYTES;
    return arena;
  }

  /** Ends the record that was begun. */
  end(headers?: Headers): void {
    const { arena, valueAt } = this;
    const length = arena.position - arena.start - valueAt;
    if (length + 1 > LENGTH_IN_TWO_MAX) this.widen(length);
    else putInTwo(arena.bytes, arena.start + valueAt - LENGTH_BYTES, length + 1);
    if (headers === undefined) refuseTooLarge(this, this.keyBytes + length);
    else refuseTooLarge(this, this.keyBytes + length + textBytes(headers));
    this.finish(headers);
  }

  /** A record that says that its key is gone. */
  addTombstone(key: string, prefix: Uint8Array = NO_PREFIX): void {
    this.start();
    this.putKey(prefix, key);
    refuseTooLarge(this, this.keyBytes);
    this.putNone();
    this.finish(undefined);
  }

  /** Whole records, chunk by chunk; what is packed later is not among them. */
  chunks(): readonly PackedChunk[] {
    this.arena.discard();
    return this.slabs.chunks(this.arena.bytes, this.arena.start);
  }

  /** Forgets all records; their memory is used again. */
  clear(): void {
    this.count = 0;
    this.slabs.clear();
    this.arena.restart();
  }

  private start(): void {
    const { arena } = this;
    arena.discard();
    arena.reserve(1);
    arena.bytes[arena.position] = NO_GAP;
    arena.position += 1;
  }

  private putKey(prefix: Uint8Array, key: string): void {
    const { arena } = this;
    const { length } = key;
    arena.reserve(VARINT_BYTES_MAX + prefix.length + length * BYTES_PER_UNIT_MAX);
    const { bytes } = arena;
    let at = putVarint(bytes, arena.position, prefix.length + length + 1);
    bytes.set(prefix, at);
    at += prefix.length;
    this.keyBytes = prefix.length + length;
    for (let index = 0; index < length; index += 1) {
      const unit = key.charCodeAt(index);
      if (unit > ASCII_MAX) {
        this.putWideKey(prefix, key);
        return;
      }
      bytes[at++] = unit;
    }
    arena.position = at;
  }

  /** A key that is longer in bytes than in units. */
  private putWideKey(prefix: Uint8Array, key: string): void {
    const { arena } = this;
    const { bytes } = arena;
    const keyBytes = prefix.length + Buffer.byteLength(key);
    const at = putVarint(bytes, arena.position, keyBytes + 1);
    bytes.set(prefix, at);
    bytes.write(key, at + prefix.length);
    arena.position = at + keyBytes;
    this.keyBytes = keyBytes;
  }

  /** No value, or no headers. */
  private putNone(): void {
    const { arena } = this;
    arena.reserve(1);
    arena.bytes[arena.position] = NONE;
    arena.position += 1;
  }

  /** Makes room for a length of more than two bytes. */
  private widen(length: number): void {
    const { arena, valueAt } = this;
    const more = varintBytes(length + 1) - LENGTH_BYTES;
    arena.reserve(more);
    const from = arena.start + valueAt;
    arena.bytes.copyWithin(from + more, from, arena.position);
    putVarint(arena.bytes, from - LENGTH_BYTES, length + 1);
    arena.position += more;
  }

  private finish(headers: Headers | undefined): void {
    const { arena } = this;
    if (headers === undefined) this.putNone();
    else {
      arena.reserve(headersBytesMax(headers));
      arena.position = putHeaders(arena.bytes, arena.position, headers);
    }
    arena.begin();
    this.slabs.count += 1;
    this.count += 1;
  }
}
