import { describe, expect, it } from 'vitest';
import type { ComparedStep } from '../../../src/evaluation/compared-steps.ts';
import { CoverageGrid } from '../../../src/evaluation/coverage-grid.ts';

const pairOf = (actual: number, more: Partial<ComparedStep> = {}): ComparedStep => ({
  ...{ seriesId: 'a', step: 0, actual, mean: 5, isRule: false },
  ...{ inSample: 1, inSampleSquared: 1 },
  naive: Float64Array.of(5),
  ...{ lower: [4, 2], upper: [6, 8], ...more },
});

describe('a grid of coverage', () => {
  it('counts the pairs of each cell, and those inside each level', () => {
    const grid = new CoverageGrid(2, 3, 2);
    grid.add({ row: 0, column: 1 }, pairOf(4));
    grid.add({ row: 0, column: 1 }, pairOf(7));
    grid.add({ row: 1, column: 2 }, pairOf(9));
    expect(grid.result()).toEqual({
      counts: [
        [0, 2, 0],
        [0, 0, 1],
      ],
      covered: [
        [
          [0, 1, 0],
          [0, 0, 0],
        ],
        [
          [0, 2, 0],
          [0, 0, 0],
        ],
      ],
    });
  });

  it('leaves out pairs without bounds', () => {
    const grid = new CoverageGrid(1, 1, 2);
    grid.add({ row: 0, column: 0 }, pairOf(5, { lower: [Number.NaN, 2] }));
    expect(grid.result().counts).toEqual([[0]]);
  });

  it('knows when its columns say no more than its rows', () => {
    const grid = new CoverageGrid(2, 2, 2);
    grid.add({ row: 0, column: 1 }, pairOf(5));
    grid.add({ row: 1, column: 0 }, pairOf(5));
    expect(grid.isDiagonal).toBe(true);
    grid.add({ row: 1, column: 1 }, pairOf(5));
    expect(grid.isDiagonal).toBe(false);
  });
});
