import type { ByteSource } from './serde.ts';
import { shortText } from './short-texts.ts';
import { doublesFrom, floatsFrom } from './typed-array-slab.ts';

// What generated decoders are made of: each function reads one Avro value, and throws a RangeError
// where the bytes end before it or are none.

const TWO_27 = 2 ** 27;
/** Texts up to this length are looked up before they are made. */
const SHORT_TEXT_BYTES_MAX = 8;

/** Undocumented, but what `Buffer.toString` calls after it has looked at its arguments. */
interface NativeSlices {
  utf8Slice(start: number, end: number): string;
}

const endsEarly = (): RangeError => new RangeError('the value ends before its schema does');

const readByte = (from: ByteSource): number => {
  const byte = from.bytes[from.position];
  if (byte === undefined) throw endsEarly();
  from.position += 1;
  return byte;
};

/** Any long of more than one byte, in two halves of 28 bits: both are small integers. */
const readLarge = (from: ByteSource): number => {
  let low = 0;
  let byte = 0x80;
  for (let shift = 0; shift < 28 && byte > 0x7f; shift += 7) {
    byte = readByte(from);
    low |= (byte & 0x7f) << shift;
  }
  if (byte < 0x80) return (low >>> 1) ^ -(low & 1);
  let high = 0;
  for (let shift = 0; shift < 28 && byte > 0x7f; shift += 7) {
    byte = readByte(from);
    high |= (byte & 0x7f) << shift;
  }
  const magnitude = high * TWO_27 + (low >>> 1);
  const value = (low & 1) === 1 ? -1 - magnitude : magnitude;
  if (byte > 0x7f || !Number.isSafeInteger(value)) {
    throw new RangeError('a long is beyond 2^53, so that a number cannot hold it');
  }
  return value;
};

export const readLong = (from: ByteSource): number => {
  const byte = from.bytes[from.position];
  if (byte === undefined || byte > 0x7f) return readLarge(from);
  from.position += 1;
  return (byte >>> 1) ^ -(byte & 1);
};

export const readInt = (from: ByteSource): number => {
  const value = readLong(from);
  if ((value | 0) !== value) throw new RangeError('an int is beyond 32 bits');
  return value;
};

export const readBoolean = (from: ByteSource): boolean => {
  const byte = readByte(from);
  if (byte > 1) throw new RangeError(`${byte} is neither true nor false`);
  return byte === 1;
};

/** Which of the two members of a union follows. */
export const readBranch = (from: ByteSource): number => {
  const branch = readLong(from);
  if (branch !== 0 && branch !== 1) throw new RangeError(`a union of two has no member ${branch}`);
  return branch;
};

export const readSymbol = <T>(from: ByteSource, symbols: readonly T[]): T => {
  const index = readLong(from);
  const symbol = symbols[index];
  if (symbol === undefined) throw new RangeError(`an enumeration has no symbol ${index}`);
  return symbol;
};

/** Where a value of that many bytes begins; the position is then after it. */
const skip = (from: ByteSource, count: number): number => {
  const begin = from.position;
  if (count < 0 || begin + count > from.bytes.length) throw endsEarly();
  from.position = begin + count;
  return begin;
};

export const readDouble = (from: ByteSource): number => from.bytes.readDoubleLE(skip(from, 8));

export const readFloat = (from: ByteSource): number => from.bytes.readFloatLE(skip(from, 4));

export const readText = (from: ByteSource): string => {
  const length = readLong(from);
  const begin = skip(from, length);
  if (length <= SHORT_TEXT_BYTES_MAX) return shortText(from.bytes, begin, length);
  // Every Buffer has it.
  return (from.bytes as Buffer & NativeSlices).utf8Slice(begin, begin + length);
};

/** A copy: the source may be a large buffer, or one that is written again. */
export const readBytes = (from: ByteSource): Buffer => {
  const length = readLong(from);
  const begin = skip(from, length);
  const copy = Buffer.allocUnsafe(length);
  from.bytes.copy(copy, 0, begin, begin + length);
  return copy;
};

/**
 * How many items the next block of an array or map has; 0: that was all. A count that the bytes
 * cannot hold, at so many bytes an item at least, is refused before anything is made for it.
 */
export const readBlock = (from: ByteSource, itemBytesMin: number): number => {
  let count = readLong(from);
  if (count < 0) {
    count = -count;
    // The block's size in bytes is for those who skip it.
    readLong(from);
  }
  if (count * itemBytesMin > from.bytes.length - from.position) throw endsEarly();
  return count;
};

/** Reads block after block into one array; most arrays are one block. */
export const readDoubles = (from: ByteSource): Float64Array => {
  const count = readBlock(from, 8);
  if (count === 0) return new Float64Array(0);
  let values = doublesFrom(from.bytes, skip(from, count * 8), count);
  for (let more = readBlock(from, 8); more > 0; more = readBlock(from, 8)) {
    const longer = new Float64Array(values.length + more);
    longer.set(values);
    longer.set(doublesFrom(from.bytes, skip(from, more * 8), more), values.length);
    values = longer;
  }
  return values;
};

export const readFloats = (from: ByteSource): Float32Array => {
  const count = readBlock(from, 4);
  if (count === 0) return new Float32Array(0);
  let values = floatsFrom(from.bytes, skip(from, count * 4), count);
  for (let more = readBlock(from, 4); more > 0; more = readBlock(from, 4)) {
    const longer = new Float32Array(values.length + more);
    longer.set(values);
    longer.set(floatsFrom(from.bytes, skip(from, more * 4), more), values.length);
    values = longer;
  }
  return values;
};

/** Sets an own member, whatever its name: assigning to `__proto__` would make none. */
export const setMember = <T>(members: Record<string, T>, name: string, value: T): void => {
  if (name !== '__proto__') members[name] = value;
  else {
    const own = { value, writable: true, enumerable: true, configurable: true };
    Object.defineProperty(members, name, own);
  }
};
