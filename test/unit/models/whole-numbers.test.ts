import { describe, expect, it } from 'vitest';
import { roundCounts, roundHalfEven } from '../../../src/models/whole-numbers.ts';
import { design } from '../../support/model-rows.ts';

describe('whole numbers', () => {
  it('are the nearest ones, and even in between', () => {
    const values = [0.4, 0.5, 0.6, 1.5, 2.5, 3, -0.5, -1.5, -2.4];
    expect(values.map((value) => roundHalfEven(value) + 0)).toEqual([0, 0, 1, 2, 2, 3, 0, -2, -2]);
  });

  it('are what is said of a series that has them, and of no other', () => {
    const said = (whole: number): number[] => {
      const row = new Float64Array(design.width);
      row[design.whole] = whole;
      const out = Float64Array.of(1.2, 3.7);
      roundCounts(design, { row, at: 0, out });
      return [...out];
    };
    expect(said(1)).toEqual([1, 4]);
    expect(said(0)).toEqual([1.2, 3.7]);
    expect(said(Number.NaN)).toEqual([1.2, 3.7]);
  });
});
