import { describe, expect, it } from 'vitest';
import { putVarint, putWide, VarintReader } from '../../../src/log/varint.ts';

const NUMBERS = [0, 1, 0x7f, 0x80, 0x3fff, 0x4000, 2 ** 28 - 1, 2 ** 28, 2 ** 31 - 1];
const WIDE = [...NUMBERS, 2 ** 31, 2 ** 32, 2 ** 40 + 1, Number.MAX_SAFE_INTEGER];

describe('a varint', () => {
  it.each(NUMBERS)('reads %d as it was written', (value) => {
    const bytes = new Uint8Array(10);
    const end = putVarint(bytes, 0, value);
    const reader = new VarintReader(bytes, 0);
    expect([reader.take(), reader.at]).toEqual([value, end]);
  });

  it.each(WIDE)('reads %d, where it may be wide, as it was written', (value) => {
    const bytes = new Uint8Array(10);
    const end = putWide(bytes, 0, value);
    const reader = new VarintReader(bytes, 0);
    expect([reader.takeWide(), reader.at]).toEqual([value, end]);
  });

  it.each([2 ** 31, 2 ** 32, 2 ** 32 + 1])(
    'refuses %d, which would be read as another',
    (value) => {
      expect(() => putVarint(new Uint8Array(10), 0, value)).toThrow('2^31');
    },
  );
});
