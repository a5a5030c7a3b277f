import { describe, expect, it } from 'vitest';
import { roundCounts } from '../../../src/models/whole-numbers.ts';
import { design } from '../../support/model-rows.ts';

describe('whole numbers', () => {
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
