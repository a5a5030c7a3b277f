import { describe, expect, it } from 'vitest';
import { SharedPlaces } from '../../../src/features/word-places.ts';

const CHUNK_BYTES = 1 << 20;

describe('shared places', () => {
  it('are zeroed, apart from each other, and many to a chunk', () => {
    const places = new SharedPlaces();
    const sizes = Array.from({ length: 600 }, (_, index) => 700 + 100 * (index % 3));
    const taken = sizes.map((size, index) => {
      const place = places.take(size);
      expect(place.words.subarray(place.at, place.at + size).every((word) => word === 0)).toBe(
        true,
      );
      place.words.fill(index + 1, place.at, place.at + size);
      return place;
    });
    for (const [index, { words, at }] of taken.entries()) {
      const size = sizes[index] ?? 0;
      expect(words.subarray(at, at + size).every((word) => word === index + 1)).toBe(true);
    }
    const chunks = new Set(taken.map(({ words }) => words));
    expect(chunks.size).toBeLessThan(12);
    expect(Math.max(...[...chunks].map(({ byteLength }) => byteLength))).toBe(CHUNK_BYTES);
  });

  it('hold what is larger than a chunk', () => {
    const { words, at } = new SharedPlaces().take(CHUNK_BYTES);
    expect(words.length - at).toBe(CHUNK_BYTES);
  });
});
