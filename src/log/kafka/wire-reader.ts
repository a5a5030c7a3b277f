import { int64At } from './record-batch.ts';

/** Reads what brokers and clients say to each other, part by part. */
export class WireReader {
  private readonly bytes: Buffer;
  private at: number;

  constructor(bytes: Buffer, at = 0) {
    this.bytes = bytes;
    this.at = at;
  }

  skip(bytes: number): void {
    this.at += bytes;
  }

  int8(): number {
    this.at += 1;
    return this.bytes.readInt8(this.at - 1);
  }

  int16(): number {
    this.at += 2;
    return this.bytes.readInt16BE(this.at - 2);
  }

  int32(): number {
    this.at += 4;
    return this.bytes.readInt32BE(this.at - 4);
  }

  int64(): number {
    this.at += 8;
    return int64At(this.bytes, this.at - 8);
  }

  text(): string {
    // -1: null, which says as little.
    const length = Math.max(0, this.int16());
    this.at += length;
    return this.bytes.toString('utf8', this.at - length, this.at);
  }

  /** Of the message itself. */
  view(): Buffer {
    const length = Math.max(0, this.int32());
    this.at += length;
    return this.bytes.subarray(this.at - length, this.at);
  }

  /** Elements one after the other. */
  list<T>(read: () => T): T[] {
    // -1: null, which means none.
    return Array.from({ length: Math.max(0, this.int32()) }, read);
  }
}
