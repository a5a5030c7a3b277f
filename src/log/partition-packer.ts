// Hot file: what goes on the log passes here byte by byte.
import { Arena } from '../schemas/arena.ts';
import type { ByteSink } from '../schemas/serde.ts';
import { LogError } from './errors.ts';
import type { Headers, OutgoingRecord, PackedChunk, PackedPartition } from './log.ts';
import { PackerSlabs } from './packer-slabs.ts';
import { RECORD_BYTES_MAX } from './record-size.ts';
import { putVarint } from './varint.ts';

/** Offsets between a record and the one before. */
const NO_GAP = 0;
const NULL = 0;
/** Any varint of a record has at most so many bytes. */
const VARINT_BYTES_MAX = 5;
/** Room for the length of a value before it is known; most have less than 16 KiB. */
const LENGTH_BYTES = 2;
const LENGTH_IN_TWO_MAX = 0x3fff;
/** Units of UTF-16 become at most three bytes each. */
const BYTES_PER_UNIT_MAX = 3;
const ASCII_MAX = 0x7f;
/** Below this a loop beats the call of a native copy. */
const LOOP_COPY_BYTES = 24;

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
 * keeps them: gap to the record before (0), length of the key + 1, key, length of the value + 1,
 * value, number of headers, and for each the lengths and texts of name and value. Lengths are
 * varints; 0 is null.
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
  add({ key, value, headers }: Pick<OutgoingRecord, 'key' | 'value' | 'headers'>): void {
    this.start();
    if (key === null) this.putNull();
    else this.putBytes(key);
    this.keyBytes = key?.length ?? 0;
    if (value === null) {
      this.putNull();
      this.finish(headers, this.keyBytes);
    } else {
      this.putBytes(value);
      this.finish(headers, this.keyBytes + value.length);
    }
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
    this.finish(headers, this.keyBytes + length);
  }

  /** A record that says that its key is gone. */
  addTombstone(key: string, prefix: Uint8Array = NO_PREFIX): void {
    this.start();
    this.putKey(prefix, key);
    this.putNull();
    this.finish(undefined, this.keyBytes);
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

  private putNull(): void {
    const { arena } = this;
    arena.reserve(1);
    arena.bytes[arena.position] = NULL;
    arena.position += 1;
  }

  private putBytes(source: Uint8Array): void {
    const { arena } = this;
    const { length } = source;
    arena.reserve(VARINT_BYTES_MAX + length);
    const { bytes } = arena;
    const at = putVarint(bytes, arena.position, length + 1);
    if (length >= LOOP_COPY_BYTES) bytes.set(source, at);
    else
      for (let index = 0; index < length; index += 1) bytes[at + index] = source[index] as number;
    arena.position = at + length;
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

  private finish(headers: Headers | undefined, contentBytes: number): void {
    const headerBytes = headers === undefined ? this.noHeaders() : this.putHeaders(headers);
    this.refuseTooLarge(contentBytes + headerBytes);
    this.arena.begin();
    this.slabs.count += 1;
    this.count += 1;
  }

  private noHeaders(): number {
    this.putNull();
    return 0;
  }

  private putHeaders(headers: Headers): number {
    const { arena } = this;
    const names = Object.keys(headers);
    arena.reserve(VARINT_BYTES_MAX);
    arena.position = putVarint(arena.bytes, arena.position, names.length);
    let bytes = 0;
    for (const name of names) {
      bytes += this.putText(name);
      // One of its names.
      bytes += this.putText(headers[name] as string);
    }
    return bytes;
  }

  private putText(text: string): number {
    const { arena } = this;
    const length = Buffer.byteLength(text);
    arena.reserve(VARINT_BYTES_MAX + length);
    const at = putVarint(arena.bytes, arena.position, length);
    arena.bytes.write(text, at);
    arena.position = at + length;
    return length;
  }

  private refuseTooLarge(sizeBytes: number): void {
    if (sizeBytes <= RECORD_BYTES_MAX) return;
    this.arena.discard();
    throw new LogError(
      'LOG_RECORD_TOO_LARGE',
      `a record for ${this.topic}/${this.partition} has ${sizeBytes} bytes, the limit is ` +
        `${RECORD_BYTES_MAX}; shorten it at the source`,
    );
  }
}
