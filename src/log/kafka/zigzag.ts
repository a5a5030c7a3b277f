// Hot file: indices are in range by construction, so byte reads are narrowed with `as number`.

/** Bytes of a whole number of 32 bits with a sign, in groups of seven bits. */
export const signedBytes = (value: number): number => {
  let rest = ((value << 1) ^ (value >> 31)) >>> 0;
  let count = 1;
  while (rest >= 0x80) {
    rest >>>= 7;
    count += 1;
  }
  return count;
};

/** Writes it, its sign in the lowest bit; returns the end. */
export const putSigned = (to: Uint8Array, at: number, value: number): number => {
  let rest = ((value << 1) ^ (value >> 31)) >>> 0;
  let end = at;
  while (rest >= 0x80) {
    to[end++] = (rest & 0x7f) | 0x80;
    rest >>>= 7;
  }
  to[end++] = rest;
  return end;
};

/** Reads one such number after another. */
export class SignedReader {
  readonly bytes: Uint8Array;
  at: number;

  constructor(bytes: Uint8Array, at: number) {
    this.bytes = bytes;
    this.at = at;
  }

  /** Of 32 bits. */
  take(): number {
    const { bytes } = this;
    let byte = bytes[this.at++] as number;
    let value = byte & 0x7f;
    for (let shift = 7; byte >= 0x80; shift += 7) {
      byte = bytes[this.at++] as number;
      value |= (byte & 0x7f) << shift;
    }
    return (value >>> 1) ^ -(value & 1);
  }

  /** Of up to 53 bits: a span of time. */
  takeWide(): number {
    let value = 0;
    let factor = 1;
    for (;;) {
      const byte = this.bytes[this.at++] as number;
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) break;
      factor *= 0x80;
    }
    const half = Math.floor(value / 2);
    return value % 2 === 0 ? half : -half - 1;
  }
}
