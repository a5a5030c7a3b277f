// Hot file: indices are in range by construction, so byte reads are narrowed with `as number`.
import { assert } from '../core/assert.ts';

/** Bitwise operators know 32 bits and a sign. */
const BEYOND = 2 ** 31;

/** Writes a whole number below 2^31 in groups of seven bits, the lowest first; returns the end. */
export const putVarint = (bytes: Uint8Array, at: number, value: number): number => {
  assert(value < BEYOND, 'a number of 2^31 and more does not fit into a varint of 31 bits');
  let end = at;
  let rest = value;
  while (rest >= 0x80) {
    bytes[end++] = (rest & 0x7f) | 0x80;
    rest >>>= 7;
  }
  bytes[end++] = rest;
  return end;
};

/** The same for numbers up to 2^53, which bitwise operators do not reach. */
export const putWide = (bytes: Uint8Array, at: number, value: number): number => {
  let end = at;
  let rest = value;
  while (rest >= 0x80) {
    bytes[end++] = (rest % 0x80) | 0x80;
    rest = Math.floor(rest / 0x80);
  }
  bytes[end++] = rest;
  return end;
};

/** Reads one number after another; both widths have the same bytes. */
export class VarintReader {
  readonly bytes: Uint8Array;
  at: number;

  constructor(bytes: Uint8Array, at: number) {
    this.bytes = bytes;
    this.at = at;
  }

  /** A number below 2^31. */
  take(): number {
    const { bytes } = this;
    let byte = bytes[this.at++] as number;
    if (byte < 0x80) return byte;
    let value = byte & 0x7f;
    let shift = 7;
    do {
      byte = bytes[this.at++] as number;
      value |= (byte & 0x7f) << shift;
      shift += 7;
    } while (byte >= 0x80);
    return value;
  }

  /** A number up to 2^53. */
  takeWide(): number {
    let value = 0;
    let factor = 1;
    for (;;) {
      const byte = this.bytes[this.at++] as number;
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
      factor *= 0x80;
    }
  }
}
