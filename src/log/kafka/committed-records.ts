import { crc32c } from '@node-rs/crc32';
import { LogError } from '../errors.ts';
import type { Headers, LogRecord, Polled } from '../log.ts';
import { offset, type Offset } from '../offset.ts';
import { decompressed } from './compression/decompressed.ts';
import { ATTRIBUTE, BATCH, int64At, LENGTH_ENDS_AT, MAGIC } from './record-batch.ts';
import { SignedReader } from './zigzag.ts';

/** A transaction that was aborted, as a fetch tells of it. */
export interface AbortedTransaction {
  readonly producerId: number;
  readonly firstOffset: number;
}

/** What one fetch brought of a partition. */
export interface FetchedPartition {
  readonly topic: string;
  readonly partition: number;
  /** Record batches; the last may be cut off. */
  readonly records: Buffer;
  readonly aborted: readonly AbortedTransaction[];
}

/**
 * What a fetch may come to once it is decompressed, and a batch more: what is left is fetched again
 * when these were taken.
 */
const FETCHED_BYTES_MAX = 32 << 20;
/** Type of a control record, behind the version in its key. */
const ABORT = 0;
const NO_HEADERS: Headers = Object.freeze({});

interface Batch {
  readonly bytes: Buffer;
  /** Topic, partition and offset, for messages. */
  readonly where: string;
  readonly baseOffset: number;
  readonly lastOffset: number;
  readonly attributes: number;
  readonly producerId: number;
}

/** Whole batches, one after the other. */
function* batchesOf({ topic, partition, records }: FetchedPartition): Generator<Batch> {
  for (let at = 0; at + LENGTH_ENDS_AT <= records.length;) {
    const end = at + LENGTH_ENDS_AT + records.readInt32BE(at + BATCH.length);
    if (end > records.length) return;
    const bytes = records.subarray(at, end);
    const baseOffset = int64At(bytes, BATCH.baseOffset);
    const where = `${topic}/${partition} at offset ${baseOffset}`;
    if (bytes[BATCH.magic] !== MAGIC) {
      throw new LogError('LOG_FORMAT', `${where} is in a format older than Kafka 0.11`);
    }
    if (crc32c(bytes.subarray(BATCH.attributes)) !== bytes.readUInt32BE(BATCH.crc)) {
      throw new LogError('LOG_CORRUPT', `${where} has a checksum that fails: the bytes changed`);
    }
    yield {
      bytes,
      where,
      baseOffset,
      lastOffset: baseOffset + bytes.readInt32BE(BATCH.lastOffsetDelta),
      attributes: bytes.readInt16BE(BATCH.attributes),
      producerId: int64At(bytes, BATCH.producerId),
    };
    at = end;
  }
}

const contentOf = ({ bytes, attributes, where }: Batch): Buffer => {
  const content = bytes.subarray(BATCH.records);
  const codec = attributes & ATTRIBUTE.compression;
  return codec === 0 ? content : decompressed({ codec, bytes: content, where });
};

/** Reads the records of a batch. */
class RecordReader {
  private readonly batch: Batch;
  readonly content: Buffer;
  private readonly numbers: SignedReader;

  constructor(batch: Batch) {
    this.batch = batch;
    this.content = contentOf(batch);
    this.numbers = new SignedReader(this.content, 0);
  }

  next({ topic, partition }: FetchedPartition): LogRecord {
    const { numbers, batch } = this;
    const length = numbers.take();
    const end = numbers.at + length;
    // Attributes, which nobody uses.
    numbers.at += 1;
    const sinceBase = numbers.takeWide();
    const place = numbers.take();
    const key = this.bytes();
    const value = this.bytes();
    const headers = this.headers();
    numbers.at = end;
    return {
      topic,
      partition,
      offset: offset(batch.baseOffset + place),
      appendedAtMs: this.timeOf(sinceBase),
      key,
      value,
      headers,
    };
  }

  private timeOf(sinceBase: number): number {
    const { bytes, attributes } = this.batch;
    return (attributes & ATTRIBUTE.logAppendTime) === 0
      ? int64At(bytes, BATCH.baseTimestamp) + sinceBase
      : int64At(bytes, BATCH.maxTimestamp);
  }

  private bytes(): Buffer | null {
    const { numbers } = this;
    const length = numbers.take();
    if (length < 0) return null;
    const start = numbers.at;
    numbers.at = start + length;
    return this.content.subarray(start, numbers.at);
  }

  private headers(): Headers {
    const count = this.numbers.take();
    if (count === 0) return NO_HEADERS;
    const headers: Record<string, string> = {};
    for (let index = 0; index < count; index += 1) {
      const name = String(this.bytes() ?? '');
      headers[name] = String(this.bytes() ?? '');
    }
    return headers;
  }
}

/** Which producers' transactions a batch may belong to that were aborted. */
class Aborted {
  private readonly waiting: AbortedTransaction[];
  private readonly producers = new Set<number>();

  constructor(transactions: readonly AbortedTransaction[]) {
    this.waiting = [...transactions].sort((one, other) => other.firstOffset - one.firstOffset);
  }

  /** Whether what a batch holds was committed; batches come in the order of their offsets. */
  isCommitted({ bytes, lastOffset, attributes, producerId }: Batch): boolean {
    for (let next = this.waiting.at(-1); next !== undefined; next = this.waiting.at(-1)) {
      if (next.firstOffset > lastOffset) break;
      this.producers.add(next.producerId);
      this.waiting.pop();
    }
    if ((attributes & ATTRIBUTE.control) !== 0) {
      if (controlTypeOf(bytes) === ABORT) this.producers.delete(producerId);
      return false;
    }
    return (attributes & ATTRIBUTE.transactional) === 0 || !this.producers.has(producerId);
  }
}

/** -1 for a batch of which compaction left nothing. */
const controlTypeOf = (bytes: Buffer): number => {
  if (bytes.readInt32BE(BATCH.count) === 0) return -1;
  const numbers = new SignedReader(bytes, BATCH.records);
  numbers.take();
  numbers.at += 1;
  numbers.takeWide();
  numbers.take();
  return numbers.take() < 4 ? -1 : bytes.readInt16BE(numbers.at + 2);
};

/**
 * The records of a fetch that were committed, from an offset on. Data keys decide nothing: a batch
 * belongs to its producer's transaction, which ends at that producer's next control batch.
 * @see org.apache.kafka.clients.consumer.internals.CompletedFetch
 */
export const committedRecords = (fetched: FetchedPartition, from: Offset): Polled => {
  const aborted = new Aborted(fetched.aborted);
  const records: LogRecord[] = [];
  let next: number = from;
  let bytes = 0;
  for (const batch of batchesOf(fetched)) {
    if (bytes > FETCHED_BYTES_MAX) break;
    // Also where nothing of it is left: compaction empties batches, and keeps their last offset.
    next = Math.max(next, batch.lastOffset + 1);
    if (!aborted.isCommitted(batch) || batch.lastOffset < from) continue;
    const reader = new RecordReader(batch);
    bytes += reader.content.length;
    for (let left = batch.bytes.readInt32BE(BATCH.count); left > 0; left -= 1) {
      const record = reader.next(fetched);
      if (record.offset >= from) records.push(record);
    }
  }
  return { records, next: offset(next) };
};
