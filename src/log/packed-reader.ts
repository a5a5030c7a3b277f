import type { Headers, OutgoingRecord, PackedPartition } from './log.ts';
import { CHUNK_HEAD_BYTES } from './packer-slabs.ts';
import { VarintReader } from './varint.ts';

const NO_HEADERS: Headers = Object.freeze({});

/** Reads the parts of packed records one after the other, as views of their bytes. */
export class PackedReader {
  private readonly source: Buffer;
  private readonly numbers: VarintReader;

  constructor(source: Buffer, at: number) {
    this.source = source;
    this.numbers = new VarintReader(source, at);
  }

  number(): number {
    return this.numbers.take();
  }

  bytes(): Buffer | null {
    const { numbers } = this;
    const length = numbers.take() - 1;
    if (length < 0) return null;
    const start = numbers.at;
    numbers.at = start + length;
    return this.source.subarray(start, numbers.at);
  }

  headers(): Headers {
    const count = this.numbers.take();
    if (count === 0) return NO_HEADERS;
    const headers: Record<string, string> = {};
    for (let index = 0; index < count; index += 1) {
      const name = this.text();
      headers[name] = this.text();
    }
    return headers;
  }

  private text(): string {
    const { numbers } = this;
    const length = numbers.take();
    const start = numbers.at;
    numbers.at = start + length;
    return this.source.toString('utf8', start, numbers.at);
  }
}

/**
 * The records of a partition as objects, for logs that have another layout. Keys and values are
 * views: true until the records are cleared.
 */
export function* unpacked(packed: PackedPartition): Generator<OutgoingRecord> {
  const { topic, partition } = packed;
  for (const { bytes, count } of packed.chunks()) {
    const reader = new PackedReader(bytes, CHUNK_HEAD_BYTES);
    for (let index = 0; index < count; index += 1) {
      // The gap to the record before, of which there is none here.
      reader.number();
      const [key, value] = [reader.bytes(), reader.bytes()];
      yield { topic, partition, key, value, headers: reader.headers() };
    }
  }
}
