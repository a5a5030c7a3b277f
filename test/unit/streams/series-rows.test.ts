import { describe, expect, it } from 'vitest';
import { Slab } from '../../../src/state/slab.ts';
import { SeriesRows } from '../../../src/streams/topologies/forecasting/series-rows.ts';

const definition = { kind: 'slab', name: 'rows', version: 1, blockBytes: [8] } as const;
const series = (number: number): { readonly id: string; readonly number: number } => ({
  id: `series-${number}`,
  number,
});

describe('rows of series', () => {
  it('are those of the store, whatever their order, and none before they are made', () => {
    const slab = new Slab(definition);
    slab.restore(0, 'series-70000', Buffer.alloc(8, 7));
    const rows = new SeriesRows(slab);
    expect(rows.find(series(3))).toBeUndefined();
    expect(rows.find(series(70_000))).toBe(slab.find('series-70000'));
    const made = rows.of(series(3));
    expect(made).toBe(slab.find('series-3'));
    expect(rows.find(series(3))).toBe(made);
    expect(rows.of(series(70_000))).toBe(slab.find('series-70000'));
    expect(rows.find(series(4))).toBeUndefined();
    expect(slab.size).toBe(2);
  });

  it('are found once somebody else has made them', () => {
    const slab = new Slab(definition);
    const rows = new SeriesRows(slab);
    expect(rows.find(series(0))).toBeUndefined();
    const row = slab.row('series-0');
    expect(rows.find(series(0))).toBe(row);
  });
});
