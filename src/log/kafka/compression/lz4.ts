import type { GrowingBytes } from './growing-bytes.ts';

const FRAME = 0x184d2204;
/** The upper 28 bits of what a decoder is to leave out. */
const SKIPPABLE = 0x184d2a5;

const FLAG = {
  blockChecksum: 0x10,
  contentSize: 0x08,
  contentChecksum: 0x04,
  dictionary: 0x01,
} as const;

const RAW_BLOCK = 0x8000_0000;
const MATCH_BYTES_MIN = 4;
/** A nibble of this goes on in the bytes that follow. */
const GOES_ON = 15;

/** Reads little-endian numbers, and says so where they end. */
class Input {
  readonly bytes: Buffer;
  at: number;

  constructor(bytes: Buffer, at: number) {
    this.bytes = bytes;
    this.at = at;
  }

  take(count: 1 | 2 | 4): number {
    return this.bytes.readUIntLE(this.skip(count), count);
  }

  /** Where they lie. */
  skip(count: number): number {
    const start = this.at;
    this.at += count;
    if (this.at > this.bytes.length) throw new Error('it ends early');
    return start;
  }

  /** A length that began in a nibble. */
  length(nibble: number): number {
    let length = nibble;
    for (let byte = nibble === GOES_ON ? 0xff : 0; byte === 0xff;) {
      byte = this.take(1);
      length += byte;
    }
    return length;
  }
}

/**
 * Literals and matches up to the end; a match may lie in the block before.
 * @see https://github.com/lz4/lz4/blob/dev/doc/lz4_Block_format.md
 */
const lz4Block = (bytes: Buffer, out: GrowingBytes): void => {
  const input = new Input(bytes, 0);
  while (input.at < bytes.length) {
    const token = input.take(1);
    const literals = input.length(token >> 4);
    out.append(bytes, input.at, literals);
    input.at += literals;
    // The last literals have no match behind them.
    if (input.at === bytes.length) return;
    const distance = input.take(2);
    out.repeat(distance, MATCH_BYTES_MIN + input.length(token & 0xf));
  }
};

/** The blocks of a frame. Its own checksums are left alone: the batch has one of all its bytes. */
const lz4Frame = (input: Input, out: GrowingBytes): void => {
  const flags = input.take(1);
  if ((flags & FLAG.dictionary) !== 0) throw new Error('it needs a dictionary');
  // Largest size of a block, which is known from it; then what the flags say; then a checksum.
  input.skip(1 + ((flags & FLAG.contentSize) === 0 ? 0 : 8) + 1);
  for (let size = input.take(4); size !== 0; size = input.take(4)) {
    const isRaw = size >= RAW_BLOCK;
    const count = isRaw ? size - RAW_BLOCK : size;
    const start = input.skip(count);
    if (isRaw) out.append(input.bytes, start, count);
    else lz4Block(input.bytes.subarray(start, input.at), out);
    if ((flags & FLAG.blockChecksum) !== 0) input.skip(4);
  }
  if ((flags & FLAG.contentChecksum) !== 0) input.skip(4);
};

/**
 * One frame or several.
 * @see https://github.com/lz4/lz4/blob/dev/doc/lz4_Frame_format.md
 */
export const lz4Content = (bytes: Buffer, out: GrowingBytes): void => {
  const input = new Input(bytes, 0);
  while (input.at < bytes.length) {
    const mark = input.take(4);
    if (mark === FRAME) lz4Frame(input, out);
    else if (mark >>> 4 === SKIPPABLE) input.skip(input.take(4));
    else throw new Error('it is no frame of LZ4');
  }
};
