import { assert } from '../core/assert.ts';

/**
 * An array of its own costs more than all else about it. Small, since whoever keeps one array keeps
 * its slab.
 */
const SLAB_BYTES = 16 << 10;
/** Larger arrays have memory of their own. */
const SLABBED_BYTES_MAX = 2 << 10;
/** Up to here a loop is cheaper than a native copy. */
const LOOPED_BYTES_MAX = 48;

assert(
  new Uint8Array(Uint16Array.of(1).buffer)[0] === 1,
  'Avro has doubles as little-endian machines hold them, and this machine is none',
);

let slab = new ArrayBuffer(SLAB_BYTES);
let slabBytes = new Uint8Array(slab);
let position = 0;

/** Copies bytes of any alignment to an aligned place that is never written again. */
const place = (bytes: Buffer, begin: number, length: number): number => {
  if (position + length > SLAB_BYTES) {
    slab = new ArrayBuffer(SLAB_BYTES);
    slabBytes = new Uint8Array(slab);
    position = 0;
  }
  const at = position;
  if (length > LOOPED_BYTES_MAX) bytes.copy(slabBytes, at, begin, begin + length);
  else {
    for (let index = 0; index < length; index += 1) {
      // The caller has that many bytes.
      slabBytes[at + index] = bytes[begin + index] as number;
    }
  }
  position = (at + length + 7) & ~7;
  return at;
};

/** Memory of its own, with the same bytes. */
const copied = (bytes: Buffer, begin: number, length: number): ArrayBuffer => {
  const own = new Uint8Array(length);
  bytes.copy(own, 0, begin, begin + length);
  return own.buffer;
};

/** So many doubles from bytes of any alignment; the caller has checked that they are there. */
export const doublesFrom = (bytes: Buffer, begin: number, count: number): Float64Array => {
  const length = count * 8;
  if (length > SLABBED_BYTES_MAX) return new Float64Array(copied(bytes, begin, length));
  const at = place(bytes, begin, length);
  return new Float64Array(slab, at, count);
};

/** As `doublesFrom`. */
export const floatsFrom = (bytes: Buffer, begin: number, count: number): Float32Array => {
  const length = count * 4;
  if (length > SLABBED_BYTES_MAX) return new Float32Array(copied(bytes, begin, length));
  const at = place(bytes, begin, length);
  return new Float32Array(slab, at, count);
};
