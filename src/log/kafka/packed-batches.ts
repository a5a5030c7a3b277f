// Hot file: what goes to Kafka passes here byte by byte; reads in range are narrowed with `as
// number`.
import type { PackedChunk, PackedPartition } from '../log.ts';
import { CHUNK_HEAD_BYTES } from '../packer-slabs.ts';
import { VarintReader } from '../varint.ts';
import type { Lend } from './batch-memory.ts';
import { BATCH, type UnsealedBatch } from './record-batch.ts';
import { putSigned, signedBytes } from './zigzag.ts';

/** Where batches are cut. */
export interface BatchLimits {
  readonly bytes: number;
  readonly records: number;
}

/** A number with a sign takes a byte more than one without, at worst. */
const GROWTH_BYTES = 1;
/** Length, attributes, time, place, and what key, value and the count of headers may grow by. */
const RECORD_GROWTH_BYTES_MAX = 5 + 1 + 1 + 5 + 3 * GROWTH_BYTES;
/** Below this a loop beats the call of a native copy. */
const LOOP_COPY_BYTES = 24;

/** Where some bytes of the source lie; none where the length is negative. */
interface Part {
  start: number;
  length: number;
}

/** Where the parts of one packed record lie; used again for the next. */
class Parts {
  private readonly key: Part = { start: 0, length: 0 };
  private readonly value: Part = { start: 0, length: 0 };
  private source: Buffer = Buffer.alloc(0);
  private headerCount = 0;
  /** Names and values of headers, one after the other: empty for most records. */
  private texts: Part[] = [];

  /** Reads one record, from the gap on; returns an upper bound of what a batch needs for it. */
  read(source: Buffer, numbers: VarintReader): number {
    const from = numbers.at;
    this.source = source;
    numbers.take();
    this.take(numbers, this.key);
    this.take(numbers, this.value);
    this.headerCount = numbers.take();
    if (this.texts.length > 0) this.texts = [];
    for (let index = 0; index < 2 * this.headerCount; index += 1) {
      const length = numbers.take();
      this.texts.push({ start: numbers.at, length });
      numbers.at += length;
    }
    return numbers.at - from + RECORD_GROWTH_BYTES_MAX + this.texts.length * GROWTH_BYTES;
  }

  /** Writes it as a batch has it, with its place among the others; returns the end. */
  write(to: Buffer, at: number, place: number): number {
    let end = putSigned(to, at, this.bodyBytes(place));
    // No attributes, no time after that of the batch.
    to[end] = 0;
    to[end + 1] = 0;
    end = putSigned(to, end + 2, place);
    end = this.put(to, end, this.key);
    end = this.put(to, end, this.value);
    end = putSigned(to, end, this.headerCount);
    for (const text of this.texts) end = this.put(to, end, text);
    return end;
  }

  /** Bytes behind the length that a record begins with. */
  private bodyBytes(place: number): number {
    const { key, value } = this;
    let bytes = 2 + signedBytes(place) + signedBytes(key.length) + signedBytes(value.length);
    bytes += Math.max(0, key.length) + Math.max(0, value.length) + signedBytes(this.headerCount);
    for (const { length } of this.texts) bytes += signedBytes(length) + length;
    return bytes;
  }

  private put(to: Buffer, at: number, { start, length }: Part): number {
    const { source } = this;
    const from = putSigned(to, at, length);
    if (length >= LOOP_COPY_BYTES) source.copy(to, from, start, start + length);
    else
      for (let index = 0; index < length; index += 1) {
        to[from + index] = source[start + index] as number;
      }
    return from + Math.max(0, length);
  }

  private take(numbers: VarintReader, part: Part): void {
    part.length = numbers.take() - 1;
    part.start = numbers.at;
    if (part.length > 0) numbers.at += part.length;
  }
}

/** Packed records of one partition as they go into batches, without an object for any of them. */
class BatchWriter {
  readonly batches: UnsealedBatch[] = [];
  private readonly limits: BatchLimits;
  private readonly lend: Lend;
  private readonly parts = new Parts();
  private bytes: Buffer = Buffer.alloc(0);
  private at: number = BATCH.records;
  private count = 0;
  /** Bytes of the packed records that are yet to come. */
  private left: number;

  constructor(chunks: readonly PackedChunk[], limits: BatchLimits, lend: Lend) {
    this.limits = limits;
    this.lend = lend;
    this.left = chunks.reduce(
      (sum, { bytes, count }) => sum + bytes.length + count * RECORD_GROWTH_BYTES_MAX,
      0,
    );
  }

  add({ bytes, count }: PackedChunk): void {
    const numbers = new VarintReader(bytes, CHUNK_HEAD_BYTES);
    for (let index = 0; index < count; index += 1) {
      const needed = this.parts.read(bytes, numbers);
      const isFull = this.at + needed > this.limits.bytes || this.count >= this.limits.records;
      if (isFull && this.count > 0) this.cut();
      if (this.at + needed > this.bytes.length) this.grow(needed);
      this.at = this.parts.write(this.bytes, this.at, this.count);
      this.count += 1;
      this.left = Math.max(0, this.left - needed);
    }
  }

  cut(): void {
    if (this.count === 0) return;
    this.batches.push({ count: this.count, bytes: this.bytes.subarray(0, this.at) });
    this.bytes = Buffer.alloc(0);
    this.at = BATCH.records;
    this.count = 0;
  }

  /** Room for all that is to come, as far as it fits into one batch. */
  private grow(needed: number): void {
    const room = Math.min(this.limits.bytes, this.at + this.left);
    const larger = this.lend(Math.max(room, this.at + needed));
    if (this.count > 0) this.bytes.copy(larger, 0, 0, this.at);
    this.bytes = larger;
  }
}

/** The records of a partition in batches that a broker takes, in their order, in memory lent. */
export const packedBatches = (
  packed: PackedPartition,
  limits: BatchLimits,
  lend: Lend,
): readonly UnsealedBatch[] => {
  const chunks = packed.chunks();
  const writer = new BatchWriter(chunks, limits, lend);
  for (const chunk of chunks) writer.add(chunk);
  writer.cut();
  return writer.batches;
};
