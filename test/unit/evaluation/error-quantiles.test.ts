import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../src/core/random.ts';
import { calibrationOrigins, halfWidths } from '../../../src/evaluation/error-quantiles.ts';

const LEVELS = [50, 80, 95];
const SEASON = 6;

/** Errors whose size is that of their step, and that of the season they lie ahead. */
const errorsOf = (rows: number, sizes: readonly number[], seed = 'e'): Float64Array => {
  const random = seededRandom(seed);
  return Float64Array.from(
    { length: rows * sizes.length },
    (_, index) => (sizes[index % sizes.length] ?? 0) * Math.abs(random.normal()),
  );
};

const NOTHING = new Float64Array(0);

const widthsOf = (seasonal: Float64Array, horizon: number, recent: Float64Array = NOTHING) =>
  halfWidths({ seasonal, recent, horizon, season: SEASON }, { levels: LEVELS, scale: 3 });

describe('half widths', () => {
  it('follow the size of errors by step, and their quantiles', () => {
    const sizes = [1, 1, 1, 10, 10, 10];
    const [half, eighty, wide] = widthsOf(errorsOf(400, sizes), 6);
    // Quantiles of |N(0, 1)|.
    const near = (width: number | undefined, expected: number): void => {
      expect(Math.abs((width ?? 0) / expected - 1)).toBeLessThan(0.25);
    };
    for (const step of [0, 1]) {
      for (const [size, at] of [
        [1, step],
        [10, 5 - step],
      ] as const) {
        near(half?.[at], 0.674 * size);
        near(eighty?.[at], 1.282 * size);
        near(wide?.[at], 1.96 * size);
      }
    }
  });

  it('are nested, and grow with their errors', () => {
    const rows = fc.integer({ min: 3, max: 40 });
    fc.assert(
      fc.property(rows, fc.string(), (count, seed) => {
        const errors = errorsOf(count, [1, 2, 3, 4, 5, 6, 7, 8], seed);
        const widths = widthsOf(errors, 8);
        const doubled = widthsOf(
          errors.map((error) => 2 * error),
          8,
        );
        for (let step = 0; step < 8; step += 1) {
          const [low = 0, middle = 0, high = 0] = widths.map((one) => one[step]);
          expect(low <= middle && middle <= high).toBe(true);
          if (count * 2 < 10) continue;
          for (const [level, width] of [low, middle, high].entries()) {
            expect(doubled[level]?.[step]).toBeCloseTo(2 * width, 8);
          }
        }
      }),
    );
  });

  it('follow the latest errors more than the first ones', () => {
    const [calm, wild] = [errorsOf(14, [1, 1, 1, 1, 1, 1]), errorsOf(14, [5, 5, 5, 5, 5, 5])];
    const [, rising = []] = widthsOf(Float64Array.of(...calm, ...wild), 6);
    const [, falling = []] = widthsOf(Float64Array.of(...wild, ...calm), 6);
    expect(rising[0]).toBeGreaterThan(1.1 * (falling[0] ?? 0));
  });

  it('are wider where few origins speak of them', () => {
    const same = (rows: number): number | undefined =>
      widthsOf(new Float64Array(rows * 6).fill(1), 6)[1]?.[0];
    expect(same(2)).toBeGreaterThan(1.2);
    expect(same(28)).toBeLessThan(1.05);
  });

  it('leave out what has not matured, also where that is a whole season', () => {
    const errors = errorsOf(
      30,
      Array.from({ length: 8 }, () => 1),
    );
    const holed = errors.map((error, index) => (index % 8 === 7 ? Number.NaN : error));
    const [, eighty] = widthsOf(holed, 8);
    expect(eighty?.every((width) => width > 0.5 && width < 2.5)).toBe(true);
    const [, cold] = widthsOf(
      errors.map((error, index) => (index % 8 >= 6 ? Number.NaN : error)),
      8,
    );
    expect(cold?.[7]).toBeCloseTo(-Math.log(0.2) * 0.8 * 3, 12);
    expect(cold?.[0]).toBeLessThan(2.5);
  });

  it('ask origins of the same slot for their errors', () => {
    const asked = (season: number, horizon: number, unseenFrom = -Infinity) =>
      calibrationOrigins(1_000, { season, horizon, unseenFrom });
    const { seasonal, recent } = asked(24, 48);
    expect(seasonal).toHaveLength(29);
    expect([seasonal[0], seasonal.at(-1)]).toEqual([1_000 - 29 * 24, 1_000 - 24]);
    expect(recent).toEqual([]);
    expect(asked(1, 4).seasonal).toHaveLength(43);
  });

  it('ask origins of other slots where too few of the same are unseen', () => {
    const unseenFrom = 1_000 - 4 * 24;
    const asked = (horizon: number) =>
      calibrationOrigins(1_000, { season: 24, horizon, unseenFrom });
    expect(asked(3).recent).toEqual([]);
    expect(asked(2).recent.slice(-3)).toEqual([994, 996, 998]);
  });

  it('go by those where errors of the same slot are few', () => {
    const few = errorsOf(4, [10, 10]);
    const recent = errorsOf(400, [1, 1]);
    expect(widthsOf(few, 2, recent)[1]?.[0]).toBeCloseTo(1.282, 0);
    expect(widthsOf(errorsOf(400, [10, 10]), 2, recent)[1]?.[0]).toBeGreaterThan(9);
    expect(widthsOf(few, 2)[1]?.[0]).toBeCloseTo(-Math.log(0.2) * 0.8 * 3, 12);
  });
});
