import { describe, expect, it } from 'vitest';
import { contentHash, HashPrefix, murmur3 } from '../../../src/core/content-hash.ts';

const text = (value: string): Uint8Array => new TextEncoder().encode(value);

describe('murmur3', () => {
  // What mmh3 5 for Python answers (hash_bytes, seed 0, x64arch=False), as four words.
  it.each([
    ['', '00000000000000000000000000000000'],
    ['I will not buy this record, it is scratched.', 'a0a9683b25ac5e40d9af2895890dddf5'],
    ['a', 'a794933c5556b01b5556b01b5556b01b'],
    ['abcdefghijklmnop', '9fd2762790b91256e4ce8b21d193ba45'],
    ['tidecast', 'e979d0a8bc166880500cad81500cad81'],
  ])('hashes "%s" as the reference does', (value, digits) => {
    expect(murmur3(text(value))).toBe(digits);
  });

  it('hashes input longer than its buffer, and shorter input after it, as before', () => {
    const short = murmur3(text('abc'));
    expect(murmur3(text('y'.repeat(5_000)))).not.toBe(murmur3(text('y'.repeat(5_001))));
    expect(murmur3(text('abc'))).toBe(short);
  });
});

describe('contentHash', () => {
  it('is 32 hexadecimal digits that stay the same', () => {
    expect(contentHash(['departures', 'ATL', 990_000_000_000, 24])).toMatch(/^[0-9a-f]{32}$/);
    expect(contentHash(['a', 1])).toBe(contentHash(['a', 1]));
  });

  it('tells apart lists that would be one text when joined', () => {
    const lists = [
      ['ab', 'c'],
      ['a', 'bc'],
      ['abc'],
      ['abc', ''],
      ['', 'abc'],
      [1, 2],
      [12],
      ['1', 2],
    ];
    expect(new Set(lists.map((parts) => contentHash(parts))).size).toBe(lists.length);
  });

  it('tells apart texts outside of ASCII', () => {
    const words = ['Zürich', 'Zurich', '東京', '東亰', '🚲', '🚲🚲'];
    expect(new Set(words.map((word) => contentHash([word]))).size).toBe(words.length);
    const long = contentHash(['é'.repeat(3_000), 'b']);
    expect(contentHash(['é'.repeat(3_000), 'b'])).toBe(long);
    expect(contentHash(['é'.repeat(3_000), 'c'])).not.toBe(long);
  });

  it('has no collision among 200,000 neighbouring ids', () => {
    const seen = new Set<string>();
    for (let origin = 0; origin < 200_000; origin += 1) {
      seen.add(contentHash(['s', `series-${origin % 100}`, origin * 3_600_000, 24]));
    }
    expect(seen.size).toBe(200_000);
  });
});

describe('a prefix that is hashed once', () => {
  it('gives what the whole list gives, however long it is', () => {
    let compared = 0;
    for (let length = 0; length < 70; length += 1) {
      const prefix = ['x'.repeat(length), 24];
      const hashed = new HashPrefix(prefix);
      for (const rest of [[], ['ATL', 990_000_000_000], ['é'.repeat(3_000)], [1, 'b']]) {
        expect(hashed.with(rest)).toBe(contentHash([...prefix, ...rest]));
        compared += 1;
      }
    }
    expect(compared).toBe(280);
  });
});
