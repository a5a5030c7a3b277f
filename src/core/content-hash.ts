// Hot file: indices are in range by construction, so typed-array reads are narrowed with `as
// number`.

type Part = string | number;

/** What the reused buffer begins with; it grows to the largest input seen. */
const INITIAL_BYTES = 1_024;
const C1 = 0x239b961b;
const C2 = 0xab0e9789;
const C3 = 0x38b34ae5;
const C4 = 0xa1e38b93;

const HEX = Array.from({ length: 65_536 }, (_, word) => word.toString(16).padStart(4, '0'));

let bytes = new Uint8Array(INITIAL_BYTES);
let words = new Int32Array(bytes.buffer);
const float = new Float64Array(1);
const floatBytes = new Uint8Array(float.buffer);
const encoder = new TextEncoder();

/**
 * 128 bits, as 32 hexadecimal digits, that identify a list of parts: MurmurHash3 x86_128 over
 * tagged, length-prefixed UTF-8 and little-endian float64. Equal parts give equal ids on every
 * machine; it is no defence against forgery.
 * @see https://github.com/aappleby/smhasher/blob/master/src/MurmurHash3.cpp
 */
export const contentHash = (parts: readonly Part[]): string => hashOf(write(parts, 0));

/** Parts that many lists begin with, hashed once. */
export class HashPrefix {
  /** The state after the whole blocks of the prefix, and what is left of it. */
  private readonly state = new Int32Array(4);
  private readonly hashedBytes: number;
  private readonly rest: Uint8Array;

  constructor(parts: readonly Part[]) {
    const end = write(parts, 0);
    this.hashedBytes = end & ~15;
    mix(this.state, 0, this.hashedBytes);
    this.rest = bytes.slice(this.hashedBytes, end);
  }

  /** `contentHash` of the prefix and these parts after it. */
  with(parts: readonly Part[]): string {
    const { state, hashedBytes, rest } = this;
    const from = hashedBytes + rest.length;
    reserve(from + 16);
    for (let at = hashedBytes; at < from; at += 1) bytes[at] = rest[at - hashedBytes] as number;
    return hashOf(write(parts, from), hashedBytes, state);
  }
}

/** MurmurHash3 x86_128 with seed 0 of plain bytes, its four words in order. */
export const murmur3 = (input: Uint8Array): string => {
  reserve(input.length + 16);
  bytes.set(input);
  return hashOf(input.length);
};

const write = (parts: readonly Part[], from: number): number => {
  let end = from;
  for (const part of parts) {
    end = typeof part === 'string' ? writeText(part, end) : writeNumber(part, end);
  }
  return end;
};

const reserve = (sizeBytes: number): void => {
  if (sizeBytes <= bytes.length) return;
  const larger = new Uint8Array(1 << (32 - Math.clz32(sizeBytes)));
  larger.set(bytes);
  bytes = larger;
  words = new Int32Array(bytes.buffer);
};

/** Tag, length in UTF-8 bytes and content, so that no two lists of parts give the same bytes. */
const writeText = (text: string, at: number): number => {
  reserve(at + 5 + text.length * 3 + 16);
  const start = at + 5;
  let end = start;
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    if (unit > 0x7f) {
      end = start + encoder.encodeInto(text, bytes.subarray(start)).written;
      break;
    }
    bytes[end++] = unit;
  }
  const length = end - start;
  bytes[at] = 1;
  bytes[at + 1] = length;
  bytes[at + 2] = length >>> 8;
  bytes[at + 3] = length >>> 16;
  bytes[at + 4] = length >>> 24;
  return end;
};

const writeNumber = (value: number, at: number): number => {
  reserve(at + 9 + 16);
  float[0] = value;
  bytes[at] = 2;
  for (let index = 0; index < 8; index += 1) bytes[at + 1 + index] = floatBytes[index] as number;
  return at + 9;
};

const rotate = (word: number, by: number): number => (word << by) | (word >>> (32 - by));

const finish = (word: number): number => {
  let h = word ^ (word >>> 16);
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  return h ^ (h >>> 16);
};

const hex = (word: number): string => (HEX[word >>> 16] as string) + (HEX[word & 0xffff] as string);

/** What hashing begins with, and where it is then. */
const START = new Int32Array(4);
const current = new Int32Array(4);

/** Mixes the whole blocks of the bytes [from, to) into a state. */
const mix = (state: Int32Array, from: number, to: number): void => {
  let h1 = state[0] as number;
  let h2 = state[1] as number;
  let h3 = state[2] as number;
  let h4 = state[3] as number;
  for (let at = from >>> 2; at < to >>> 2; at += 4) {
    h1 ^= Math.imul(rotate(Math.imul(words[at] as number, C1), 15), C2);
    h1 = (Math.imul(rotate(h1, 19) + h2, 5) + 0x561ccd1b) | 0;
    h2 ^= Math.imul(rotate(Math.imul(words[at + 1] as number, C2), 16), C3);
    h2 = (Math.imul(rotate(h2, 17) + h3, 5) + 0x0bcaa747) | 0;
    h3 ^= Math.imul(rotate(Math.imul(words[at + 2] as number, C3), 17), C4);
    h3 = (Math.imul(rotate(h3, 15) + h4, 5) + 0x96cd1c35) | 0;
    h4 ^= Math.imul(rotate(Math.imul(words[at + 3] as number, C4), 18), C1);
    h4 = (Math.imul(rotate(h4, 13) + h1, 5) + 0x32ac3b17) | 0;
  }
  state[0] = h1;
  state[1] = h2;
  state[2] = h3;
  state[3] = h4;
};

/**
 * MurmurHash3 x86_128 of the first `length` bytes, those before `from` being in the state already.
 * The tail is zero-padded, which for a tail of a given length is what the original's switch
 * computes: a zero word leaves its lane as it is.
 */
const hashOf = (length: number, from = 0, state: Int32Array = START): string => {
  const whole = length & ~15;
  const padded = (length + 15) & ~15;
  for (let at = length; at < padded; at += 1) bytes[at] = 0;
  current.set(state);
  mix(current, from, whole);
  let h1 = current[0] as number;
  let h2 = current[1] as number;
  let h3 = current[2] as number;
  let h4 = current[3] as number;
  if (padded > length) {
    const at = whole >>> 2;
    h1 ^= Math.imul(rotate(Math.imul(words[at] as number, C1), 15), C2);
    h2 ^= Math.imul(rotate(Math.imul(words[at + 1] as number, C2), 16), C3);
    h3 ^= Math.imul(rotate(Math.imul(words[at + 2] as number, C3), 17), C4);
    h4 ^= Math.imul(rotate(Math.imul(words[at + 3] as number, C4), 18), C1);
  }
  h1 ^= length;
  h2 ^= length;
  h3 ^= length;
  h4 ^= length;
  h1 = (h1 + h2 + h3 + h4) | 0;
  h2 = finish((h2 + h1) | 0);
  h3 = finish((h3 + h1) | 0);
  h4 = finish((h4 + h1) | 0);
  h1 = finish(h1);
  h1 = (h1 + h2 + h3 + h4) | 0;
  return hex(h1) + hex((h2 + h1) | 0) + hex((h3 + h1) | 0) + hex((h4 + h1) | 0);
};
