import { describe, expect, it } from 'vitest';
import { murmur2, partitionOf } from '../../../src/core/murmur2.ts';

// From Kafka's own UtilsTest.testMurmur2.
const KAFKA: readonly (readonly [string, number])[] = [
  ['21', -973932308],
  ['foobar', -790332482],
  ['a-little-bit-long-string', -985981536],
  ['a-little-bit-longer-string', -1486304829],
  ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
  ['abc', 479470107],
];

describe('murmur2', () => {
  it.each(KAFKA)('hashes %s as the Java client does', (key, hash) => {
    expect(murmur2(Buffer.from(key))).toBe(hash);
  });

  it('never gives a negative partition', () => {
    const partitions = KAFKA.map(([key]) => partitionOf(Buffer.from(key), 4));
    expect(partitions).toEqual(KAFKA.map(([, hash]) => (hash & 0x7fffffff) % 4));
    expect(Math.min(...partitions)).toBeGreaterThanOrEqual(0);
  });

  it('spreads keys of every tail length over all partitions', () => {
    const seen = new Set<number>();
    for (let index = 0; index < 64; index += 1) {
      seen.add(partitionOf(Buffer.from('x'.repeat(index)), 8));
    }
    expect(seen.size).toBe(8);
  });
});
