import { describe, expect, it } from 'vitest';
import { NONE, type LinearDesign } from '../../../src/models/linear-model.ts';
import { tellMeans } from '../../oracles/told-means.ts';
import { design } from '../../support/model-rows.ts';

interface Row {
  readonly whole?: number;
  readonly least?: number;
  /** Of the first step. */
  readonly anchor?: number;
  readonly slotMean?: number;
}

const told = (
  { whole = 0, least = 0, anchor = 0, slotMean = 0 }: Row,
  read: LinearDesign = design,
): number[] => {
  const row = new Float64Array(design.width).fill(1);
  row[design.whole] = whole;
  row[design.least] = least;
  row[design.anchors[0] ?? NONE] = anchor;
  row[design.slotMean] = slotMean;
  const out = Float64Array.of(1.2, 3.7);
  tellMeans(read, { row, at: 0, out });
  return [...out];
};

describe('what is told of means', () => {
  it('is whole numbers of a series that has them, and of no other', () => {
    expect(told({ whole: 1, anchor: 1 })).toEqual([1, 4]);
    expect(told({ whole: 0, anchor: 1 })).toEqual([1.2, 3.7]);
    expect(told({ whole: Number.NaN, anchor: 1 })).toEqual([1.2, 3.7]);
  });

  it('is 0 where the slot has always been', () => {
    expect(told({})).toEqual([0, 3.7]);
    expect(told({ whole: 1 })).toEqual([0, 4]);
  });

  it('is what the model says where it was not, was negative, or is unknown', () => {
    const rows: readonly Row[] = [
      ...[{ anchor: 0.1 }, { slotMean: 0.1 }, { least: -1 }],
      ...[{ anchor: Number.NaN }, { slotMean: Number.NaN }, { least: Number.NaN }],
    ];
    for (const row of rows) expect(told(row), JSON.stringify(row)).toEqual([1.2, 3.7]);
    expect(told({}, { ...design, slotMean: NONE })).toEqual([1.2, 3.7]);
    expect(told({}, { ...design, anchors: [] })).toEqual([1.2, 3.7]);
  });
});
