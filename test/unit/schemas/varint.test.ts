import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Arena } from '../../../src/schemas/arena.ts';
import { readInt, readLong } from '../../../src/schemas/avro-readers.ts';
import { writeInt, writeLong } from '../../../src/schemas/avro-writers.ts';
import type { ByteSink } from '../../../src/schemas/serde.ts';

/** Zigzag in groups of seven bits, as the Avro specification has it, without a limit. */
const reference = (value: bigint): Buffer => {
  let rest = value < 0n ? -2n * value - 1n : 2n * value;
  const bytes: number[] = [];
  while (rest > 0x7fn) {
    bytes.push(Number(rest & 0x7fn) | 0x80);
    rest >>= 7n;
  }
  return Buffer.from([...bytes, Number(rest)]);
};

const written = (write: (to: ByteSink) => void): Buffer => {
  const arena = new Arena();
  arena.begin();
  write(arena);
  return arena.take();
};

const source = (bytes: Buffer) => ({ bytes, position: 0 });

/** Around every power of two, both ways. */
const corners = Array.from({ length: 54 }, (_, power) => 2 ** power)
  .flatMap((n) => [n - 1, n, n + 1])
  .flatMap((n) => [n, -n])
  .filter((n) => Number.isSafeInteger(n));

const checkLong = (value: number): void => {
  const bytes = written((to) => {
    writeLong(to, value);
  });
  expect(bytes.equals(reference(BigInt(value)))).toBe(true);
  const from = source(bytes);
  // -0 is no long of its own.
  expect(readLong(from)).toBe(value + 0);
  expect(from.position).toBe(bytes.length);
};

describe('a long', () => {
  it('is exact up to 2^53, beyond where avsc loses the last bit of negative ones', () => {
    expect(corners).toContain(Number.MIN_SAFE_INTEGER);
    expect(corners.length).toBeGreaterThan(300);
    for (const corner of corners) checkLong(corner);
    fc.assert(fc.property(fc.maxSafeInteger(), checkLong), { seed: 1, numRuns: 5_000 });
  });

  it('is not written where a number is none', () => {
    for (const value of [
      2 ** 53,
      -(2 ** 53),
      1.5,
      NaN,
      Infinity,
      -Infinity,
      1e300,
      2 ** 31 + 0.5,
    ]) {
      const write = (): Buffer =>
        written((to) => {
          writeLong(to, value);
        });
      expect(write).toThrow(RangeError);
    }
  });

  it('is not read where a number cannot hold it', () => {
    for (const value of [2n ** 53n, -(2n ** 53n), 2n ** 55n, 2n ** 62n, -(2n ** 63n)]) {
      expect(() => readLong(source(reference(value)))).toThrow(/beyond 2\^53/);
    }
  });

  it('is read with superfluous groups, as other writers may have them', () => {
    expect(readLong(source(Buffer.from([0x82, 0x80, 0x80, 0x00])))).toBe(1);
    expect(readLong(source(Buffer.from([0x81, 0x80, 0x80, 0x80, 0x80, 0x00])))).toBe(-1);
  });

  it('is refused where its bytes end early', () => {
    for (const corner of corners) {
      const bytes = reference(BigInt(corner));
      for (let length = 0; length < bytes.length; length += 1) {
        expect(() => readLong(source(bytes.subarray(0, length)))).toThrow(/ends before/);
      }
    }
  });
});

describe('an int', () => {
  it('has 32 bits, when written and when read', () => {
    for (const value of [0, -1, 2 ** 31 - 1, -(2 ** 31)]) {
      const bytes = written((to) => {
        writeInt(to, value);
      });
      expect(readInt(source(bytes))).toBe(value);
    }
    for (const value of [2 ** 31, -(2 ** 31) - 1]) {
      expect(() => {
        writeInt(new Arena(), value);
      }).toThrow(/32 bits/);
      expect(() => readInt(source(reference(BigInt(value))))).toThrow(/32 bits/);
    }
    expect(() => {
      writeInt(new Arena(), 0.5);
    }).toThrow(/32 bits/);
  });
});
