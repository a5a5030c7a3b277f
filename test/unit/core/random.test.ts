import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../src/core/random.ts';

const draw = (seed: string | number, count = 5): number[] => {
  const random = seededRandom(seed);
  return Array.from({ length: count }, () => random.next());
};

describe('seeded randomness', () => {
  it('repeats for a seed and differs between seeds', () => {
    expect(draw('a')).toEqual(draw('a'));
    expect(draw(1)).toEqual(draw('1'));
    expect(draw('a')).not.toEqual(draw('b'));
  });

  it('is uniform in [0, 1) and covers whole numbers evenly', () => {
    const random = seededRandom('uniform');
    const counts = new Array<number>(10).fill(0);
    for (let index = 0; index < 100_000; index += 1) {
      const value = random.int(10);
      counts[value] = (counts[value] ?? 0) + 1;
    }
    expect(Math.min(...counts)).toBeGreaterThan(9_600);
    expect(Math.max(...counts)).toBeLessThan(10_400);
    expect(draw('range', 10_000).every((value) => value >= 0 && value < 1)).toBe(true);
  });

  it('draws standard normals', () => {
    const random = seededRandom('normal');
    const values = Array.from({ length: 100_000 }, () => random.normal());
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
    const outside = values.filter((value) => Math.abs(value) > 1.959964).length / values.length;
    expect(Math.abs(mean)).toBeLessThan(0.01);
    expect(Math.abs(variance - 1)).toBeLessThan(0.02);
    expect(Math.abs(outside - 0.05)).toBeLessThan(0.003);
  });
});
