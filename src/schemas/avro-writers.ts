import type { ByteSink } from './serde.ts';

// What generated encoders are made of: each function writes one Avro value and makes room for it.

/** Ten bytes hold any long. */
const LONG_BYTES_MAX = 10;
const TWO_27 = 2 ** 27;
/** Longer texts are written by one native call; below, the call costs more than a loop. */
const LOOPED_TEXT_MAX = 16;
/** Units of UTF-16 become at most three bytes each. */
const BYTES_PER_UNIT_MAX = 3;
/** A length below 64 has a prefix of one byte. */
const SHORT = 64;

/** Undocumented, but what `Buffer.write` calls after it has looked at its arguments. */
interface NativeWrites {
  utf8Write(text: string, position: number): number;
}

export const writeByte = (to: ByteSink, byte: number): void => {
  to.reserve(1);
  to.bytes[to.position] = byte;
  to.position += 1;
};

export const writeBoolean = (to: ByteSink, value: boolean): void => {
  writeByte(to, value ? 1 : 0);
};

/**
 * A long that is no small integer: zigzag of its low 28 bits, then of the rest, so that each half
 * is one.
 */
const writeLarge = (to: ByteSink, value: number): void => {
  if (!Number.isSafeInteger(value)) throw new RangeError(`${value} is no whole number up to 2^53`);
  const { bytes } = to;
  let at = to.position;
  const magnitude = value < 0 ? -1 - value : value;
  let high = Math.floor(magnitude / TWO_27);
  let low = ((magnitude - high * TWO_27) << 1) | (value < 0 ? 1 : 0);
  for (let count = 0; count < 4; count += 1) {
    bytes[at++] = (low & 0x7f) | 0x80;
    low >>>= 7;
  }
  while (high > 0x7f) {
    bytes[at++] = (high & 0x7f) | 0x80;
    high >>>= 7;
  }
  bytes[at++] = high;
  to.position = at;
};

/** An int or a long; exact up to 2^53. */
export const writeLong = (to: ByteSink, value: number): void => {
  to.reserve(LONG_BYTES_MAX);
  const small = value | 0;
  const zigzag = (small << 1) ^ (small >> 31);
  if (small !== value || zigzag < 0) {
    writeLarge(to, value);
    return;
  }
  if (zigzag < 0x80) {
    to.bytes[to.position] = zigzag;
    to.position += 1;
    return;
  }
  const { bytes } = to;
  let at = to.position;
  let rest = zigzag;
  while (rest > 0x7f) {
    bytes[at++] = (rest & 0x7f) | 0x80;
    rest >>>= 7;
  }
  bytes[at++] = rest;
  to.position = at;
};

export const writeInt = (to: ByteSink, value: number): void => {
  if ((value | 0) !== value) throw new RangeError(`${value} is no int of 32 bits`);
  writeLong(to, value);
};

/**
 * NaN has many forms, and which one arithmetic gives depends on the processor and on how far the
 * code is compiled. On the wire it has one, so that equal results are equal bytes.
 */
export const putDouble = (view: DataView, at: number, value: number): void => {
  if (Number.isNaN(value)) {
    view.setInt32(at, 0, true);
    view.setInt32(at + 4, 0x7ff80000, true);
  } else view.setFloat64(at, value, true);
};

export const putFloat = (view: DataView, at: number, value: number): void => {
  if (Number.isNaN(value)) view.setInt32(at, 0x7fc00000, true);
  else view.setFloat32(at, value, true);
};

export const writeDouble = (to: ByteSink, value: number): void => {
  to.reserve(8);
  putDouble(to.view, to.position, value);
  to.position += 8;
};

export const writeFloat = (to: ByteSink, value: number): void => {
  to.reserve(4);
  putFloat(to.view, to.position, value);
  to.position += 4;
};

/** By one native call, behind a prefix as long as it is if the text is ASCII; else moved. */
const writeNative = (to: ByteSink, text: string): void => {
  const { bytes, position } = to;
  const prefix = text.length < SHORT ? 1 : 2;
  // Every Buffer has it.
  const written = (bytes as Buffer & NativeWrites).utf8Write(text, position + prefix);
  writeLong(to, written);
  const begin = to.position;
  if (begin !== position + prefix) {
    // The prefix has overwritten the first bytes, or left a gap: the text is written once more.
    (bytes as Buffer & NativeWrites).utf8Write(text, begin);
  }
  to.position = begin + written;
};

/** Half a surrogate pair has no UTF-8: it becomes U+FFFD, so that what is read is a text. */
export const writeText = (to: ByteSink, text: string): void => {
  const { length } = text;
  to.reserve(length * BYTES_PER_UNIT_MAX + LONG_BYTES_MAX);
  if (length > LOOPED_TEXT_MAX) {
    writeNative(to, text);
    return;
  }
  const { bytes } = to;
  const begin = to.position + 1;
  for (let index = 0; index < length; index += 1) {
    const unit = text.charCodeAt(index);
    if (unit > 0x7f) {
      writeNative(to, text);
      return;
    }
    bytes[begin + index] = unit;
  }
  bytes[begin - 1] = length << 1;
  to.position = begin + length;
};

export const writeBytes = (to: ByteSink, value: Uint8Array): void => {
  to.reserve(value.length + LONG_BYTES_MAX);
  writeLong(to, value.length);
  to.bytes.set(value, to.position);
  to.position += value.length;
};

export const writeDoubles = (to: ByteSink, values: Float64Array): void => {
  const { length } = values;
  if (length > 0) {
    to.reserve(length * 8 + LONG_BYTES_MAX + 1);
    writeLong(to, length);
    const { view } = to;
    let at = to.position;
    for (let index = 0; index < length; index += 1) {
      // Below the length.
      putDouble(view, at, values[index] as number);
      at += 8;
    }
    to.position = at;
  }
  writeByte(to, 0);
};

export const writeFloats = (to: ByteSink, values: Float32Array): void => {
  const { length } = values;
  if (length > 0) {
    to.reserve(length * 4 + LONG_BYTES_MAX + 1);
    writeLong(to, length);
    const { view } = to;
    let at = to.position;
    for (let index = 0; index < length; index += 1) {
      // Below the length.
      putFloat(view, at, values[index] as number);
      at += 4;
    }
    to.position = at;
  }
  writeByte(to, 0);
};
