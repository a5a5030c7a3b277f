import { SeriesWindow, WINDOW_HEADER_WORDS } from '../../../features/series-window.ts';
import type { Slab, SlabDefinition, SlabRow } from '../../../state/slab.ts';

/** One series of a task: views of its row, made once and kept while the task lives. */
export interface Series {
  readonly id: string;
  readonly key: Buffer;
  readonly row: SlabRow;
  readonly window: SeriesWindow;
}

/** Word 0 is the period of the first event; the window's own header follows, then the ring in blocks of eight. */
const START = 0;
const HEADER_WORDS = Math.ceil((1 + WINDOW_HEADER_WORDS) / 8) * 8;
const BLOCK_WORDS = 8;

/** The store of all windows of a stream; another capacity is another layout, so it is part of the name. */
export const seriesStore = (capacity: number): SlabDefinition => ({
  kind: 'slab',
  name: `series-windows-${capacity}`,
  version: 1,
  blockBytes: [
    HEADER_WORDS * 8,
    ...Array.from({ length: Math.ceil(capacity / BLOCK_WORDS) }, () => BLOCK_WORDS * 8),
  ],
});

/** The series that a task owns, in the order in which periods are closed. */
export class SeriesTable {
  private readonly slab: Slab;
  private readonly capacity: number;
  private readonly byId = new Map<string, Series>();
  private sorted: Series[] = [];
  private isSorted = true;

  constructor(slab: Slab, capacity: number) {
    this.slab = slab;
    this.capacity = capacity;
    for (const id of slab.keys()) this.add(slab.row(id));
  }

  get size(): number {
    return this.byId.size;
  }

  find(id: string): Series | undefined {
    return this.byId.get(id);
  }

  /** The series of an id; new when an event of it is seen for the first time, in `period`. */
  of(id: string, period: number): Series {
    const found = this.byId.get(id);
    if (found !== undefined) return found;
    const series = this.add(this.slab.row(id));
    series.row.f64[START] = period;
    return series;
  }

  /** Ascending by id, by UTF-16 code units: the same on every machine. */
  inOrder(): readonly Series[] {
    if (!this.isSorted) {
      this.sorted.sort((one, other) => (one.id < other.id ? -1 : 1));
      this.isSorted = true;
    }
    return this.sorted;
  }

  /** The period of the first event. Only while nothing is closed can an earlier event still move it. */
  startOf({ row }: Series): number {
    return row.f64[START] ?? 0;
  }

  beginAt(series: Series, period: number): void {
    if (period >= this.startOf(series) || !series.window.isEmpty) return;
    this.slab.touch(series.row, 0, 8);
    series.row.f64[START] = period;
  }

  /** Puts the value of a closed period at the head of the window. */
  append(series: Series, period: number, value: number): void {
    const { row, window } = series;
    const ring = HEADER_WORDS + (((period % this.capacity) + this.capacity) % this.capacity);
    this.slab.touch(row, 0, HEADER_WORDS * 8);
    this.slab.touch(row, ring * 8, ring * 8 + 8);
    window.append(period, value);
  }

  private add(row: SlabRow): Series {
    const series: Series = {
      id: row.key,
      key: Buffer.from(row.key),
      row,
      window: new SeriesWindow(
        row.f64.subarray(1, 1 + WINDOW_HEADER_WORDS),
        row.f64.subarray(HEADER_WORDS, HEADER_WORDS + this.capacity),
      ),
    };
    this.byId.set(series.id, series);
    this.sorted.push(series);
    this.isSorted = false;
    return series;
  }
}
