import type { Slab, SlabRow } from '../../../state/slab.ts';
import type { Series } from './series-table.ts';

/** What is needed of a series to find its rows. */
export type NumberedSeries = Pick<Series, 'id' | 'number'>;

/**
 * Rows of a store by the numbers of their series, where each is looked up by its id once: a look
 * into a map of a hundred thousand ids is several far reads, and one value takes many of them.
 */
export class SeriesRows {
  private readonly slab: Slab;
  private readonly rows: (SlabRow | undefined)[] = [];

  constructor(slab: Slab) {
    this.slab = slab;
  }

  find({ id, number }: NumberedSeries): SlabRow | undefined {
    const known = this.rows[number];
    if (known !== undefined || this.slab.size === 0) return known;
    const found = this.slab.find(id);
    if (found !== undefined) this.keep(number, found);
    return found;
  }

  /** The row of a series, which is made when there is none. */
  of(series: NumberedSeries): SlabRow {
    const known = this.rows[series.number];
    if (known !== undefined) return known;
    const row = this.slab.row(series.id);
    this.keep(series.number, row);
    return row;
  }

  private keep(number: number, row: SlabRow): void {
    // Without holes, so that it stays an array whatever comes first.
    while (this.rows.length <= number) this.rows.push(undefined);
    this.rows[number] = row;
  }
}
