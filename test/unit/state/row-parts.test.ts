import { describe, expect, it } from 'vitest';
import { RowParts } from '../../../src/state/row-parts.ts';
import { RowPlaces } from '../../../src/state/row-places.ts';
import { SlabRow } from '../../../src/state/slab-row.ts';

type Part = readonly [key: string, part: number, number: number];

const partsOf = (parts: RowParts): Part[] => {
  const found: Part[] = [];
  parts.visit((row, part, number) => found.push([row.key, part, number]));
  return found;
};

describe('parts of rows', () => {
  it('are visited in their order, however many, and none after they were cleared', () => {
    const places = new RowPlaces(8);
    const rows = ['a', 'b', 'c'].map((key) => new SlabRow(key, places.take(), { rowBytes: 8 }));
    const parts = new RowParts();
    for (const count of [1_000, 3, 200_000, 700]) {
      const added: Part[] = [];
      for (let index = 0; index < count; index += 1) {
        for (const row of rows.slice(index % 3, (index % 3) + 1)) {
          parts.add(row, index, index + 7);
          added.push([row.key, index, index + 7]);
        }
      }
      expect(partsOf(parts)).toEqual(added);
      parts.clear();
      expect(partsOf(parts)).toEqual([]);
    }
  });
});
