import type { GrowingBytes } from './growing-bytes.ts';

/** Java's producers cut what they compress into chunks behind this: `\x82SNAPPY\0`. */
const FRAMED = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0]);
/** The mark, a version, and the oldest version that can read it. */
const FRAME_HEAD_BYTES = 16;

/** Longer literals say in how many bytes their length follows. */
const SHORT_LITERAL_MAX = 60;

const littleEndian = (bytes: Buffer, at: number, count: number): number => {
  if (at + count > bytes.length) throw new Error('it ends early');
  return bytes.readUIntLE(at, count);
};

/** Writes a literal; returns where the next tag lies. */
const literal = (bytes: Buffer, at: number, out: GrowingBytes): number => {
  const short = littleEndian(bytes, at, 1) >> 2;
  const lengthBytes = Math.max(0, short - SHORT_LITERAL_MAX + 1);
  const count = 1 + (lengthBytes === 0 ? short : littleEndian(bytes, at + 1, lengthBytes));
  const start = at + 1 + lengthBytes;
  out.append(bytes, start, count);
  return start + count;
};

/** Repeats what lies behind; returns where the next tag lies. */
const copy = (bytes: Buffer, at: number, out: GrowingBytes): number => {
  const tag = littleEndian(bytes, at, 1);
  const kind = tag & 3;
  if (kind === 1) {
    out.repeat(((tag >> 5) << 8) | littleEndian(bytes, at + 1, 1), 4 + ((tag >> 2) & 7));
    return at + 2;
  }
  const distanceBytes = kind === 2 ? 2 : 4;
  out.repeat(littleEndian(bytes, at + 1, distanceBytes), 1 + (tag >> 2));
  return at + 1 + distanceBytes;
};

/**
 * One block: its length once decompressed, then literals and copies.
 * @see https://github.com/google/snappy/blob/main/format_description.txt
 */
const snappyBlock = (bytes: Buffer, out: GrowingBytes): void => {
  let at = 0;
  let expected = 0;
  for (let factor = 1; ; factor *= 0x80) {
    const byte = littleEndian(bytes, at, 1);
    expected += (byte & 0x7f) * factor;
    at += 1;
    if (byte < 0x80) break;
  }
  const end = out.written + expected;
  while (at < bytes.length) {
    at = (littleEndian(bytes, at, 1) & 3) === 0 ? literal(bytes, at, out) : copy(bytes, at, out);
  }
  if (out.written !== end) throw new Error(`it has not the ${expected} bytes that it says`);
};

const isFramed = (bytes: Buffer, at: number): boolean =>
  FRAMED.equals(bytes.subarray(at, at + FRAMED.length));

/** One block, as librdkafka writes it, or the chunks of Java's producers. */
export const snappyContent = (bytes: Buffer, out: GrowingBytes): void => {
  if (!isFramed(bytes, 0)) {
    snappyBlock(bytes, out);
    return;
  }
  for (let at = 0; at < bytes.length;) {
    // Also between chunks, where streams were put one behind the other.
    if (isFramed(bytes, at)) {
      at += FRAME_HEAD_BYTES;
      continue;
    }
    if (at + 4 > bytes.length) throw new Error('it ends early');
    const start = at + 4;
    at = start + bytes.readUInt32BE(at);
    if (at > bytes.length) throw new Error('it ends early');
    snappyBlock(bytes.subarray(start, at), out);
  }
};
