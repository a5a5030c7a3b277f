import { describe, expect, it } from 'vitest';
import { Arena } from '../../../src/schemas/arena.ts';
import { readText } from '../../../src/schemas/avro-readers.ts';
import { writeLong, writeText } from '../../../src/schemas/avro-writers.ts';

const LENGTHS = [...Array.from({ length: 140 }, (_, length) => length), 4_095, 4_096, 8_191, 8_192];
const LETTERS = ['a', '\u007f', '\u0080', 'é', '長', '\uffff', '🙂'];

const written = (...texts: readonly string[]): Buffer => {
  const arena = new Arena();
  arena.begin();
  for (const text of texts) writeText(arena, text);
  return arena.take();
};

/** The length in bytes as a long, and the UTF-8 that Node makes. */
const reference = (text: string): Buffer => {
  const arena = new Arena();
  arena.begin();
  writeLong(arena, Buffer.byteLength(text));
  return Buffer.concat([arena.take(), Buffer.from(text)]);
};

const readAll = (bytes: Buffer): readonly string[] => {
  const from = { bytes, position: 0 };
  const texts: string[] = [];
  while (from.position < bytes.length) texts.push(readText(from));
  return texts;
};

describe('a text', () => {
  it('is written and read at every length, in and across every width of UTF-8', () => {
    for (const letter of LETTERS) {
      for (const length of LENGTHS) {
        for (const text of [
          letter.repeat(length),
          `${'a'.repeat(length)}${letter}`,
          `${letter}${'a'.repeat(length)}`,
        ]) {
          const bytes = written(text);
          expect(bytes.equals(reference(text)), `${letter} × ${length}`).toBe(true);
          expect(readAll(bytes)).toEqual([text]);
        }
      }
    }
  });

  it('survives the end of a slab, and what is written after it', () => {
    const texts = Array.from({ length: 3_000 }, (_, index) => `${'é'.repeat(index % 500)}${index}`);
    expect(texts.join('').length).toBeGreaterThan(1 << 19);
    expect(readAll(written(...texts))).toEqual(texts);
  });

  it('with half a surrogate pair is written as one that can be read', () => {
    for (const text of ['\ud83d', 'a\ude42b', `${'x'.repeat(30)}\ud83d`, '\ud83d'.repeat(40)]) {
      expect(readAll(written(text))).toEqual([text.replace(/[\ud800-\udfff]/g, '\ufffd')]);
    }
  });

  it('that is short is its own, whatever other was read at its place before', () => {
    const digits = Array.from({ length: 20_000 }, (_, index) => index.toString(36));
    // Equal but for their last four bytes, and equal but for how many zeros they end in.
    const last = digits.map((text) => `same${text}`);
    const padded = digits.flatMap((text) => [5, 6, 7, 8].map((size) => text.padEnd(size, '\0')));
    const all = [...digits, ...last, ...padded, '', '\0', '\0\0', '長い', 'é', '🙂🙂'];
    for (let round = 0; round < 2; round += 1) expect(readAll(written(...all))).toEqual(all);
  });

  it('that is no UTF-8 is read as Node reads it', () => {
    const bytes = Buffer.from([0x06, 0xff, 0xc3, 0x61]);
    for (let round = 0; round < 2; round += 1) {
      expect(readAll(bytes)).toEqual(['\ufffd\ufffda']);
    }
  });

  it('of a negative or an impossible length is refused', () => {
    for (const bytes of [
      [0x01, 0x61],
      [0x06, 0x61],
      [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x10],
    ]) {
      expect(() => readAll(Buffer.from(bytes))).toThrow(RangeError);
    }
  });
});
