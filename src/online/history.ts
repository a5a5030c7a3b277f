// Hot file: indices are in range by construction, so typed-array reads are narrowed with `as
// number`.

/** One period of a series that was observed, with what was forecast for it one step ahead. */
export interface HistoryRow {
  /** Epoch ms, the start of the period. */
  readonly time: number;
  readonly actual: number;
  /** One bound a level of the stream; undefined when nothing was forecast one step ahead. */
  readonly past:
    | {
        readonly mean: number;
        readonly lower: ArrayLike<number>;
        readonly upper: ArrayLike<number>;
      }
    | undefined;
}

/** The rows in columns; `bounds` holds the lower and upper ones of each level, row by row. */
export interface HistoryColumns {
  readonly times: Float64Array;
  readonly actuals: Float64Array;
  readonly means: Float64Array;
  readonly bounds: Float32Array;
}

const ROWS_MIN = 16;
/** How much of a full history goes at once, so that a row costs no copy of all. */
const DROPPED_SHARE = 8;

/** Bytes of one row with so many levels. */
export const rowBytes = (levelCount: number): number => 24 + 8 * levelCount;

const columnsOf = (rows: number, levelCount: number): HistoryColumns => ({
  times: new Float64Array(rows),
  actuals: new Float64Array(rows),
  means: new Float64Array(rows),
  bounds: new Float32Array(rows * 2 * levelCount),
});

/** The last periods of a series by time, at most as many as there is room for. */
export class History {
  private readonly levelCount: number;
  private columns: HistoryColumns;
  private count: number;

  /** `saved`: columns of the same levels. */
  constructor(levelCount: number, saved?: HistoryColumns) {
    this.levelCount = levelCount;
    this.columns = saved ?? columnsOf(ROWS_MIN, levelCount);
    this.count = saved?.times.length ?? 0;
  }

  /** Epoch ms of the last period; -Infinity when there is none. */
  get lastTime(): number {
    return this.count === 0 ? -Infinity : (this.columns.times[this.count - 1] as number);
  }

  /** Takes a row in or, when the period is known, its corrected actual. */
  put(row: HistoryRow, rowsMax: number): void {
    let at = this.placeOf(row.time);
    if (at === this.count || this.columns.times[at] !== row.time) {
      const bound = Math.max(ROWS_MIN, rowsMax);
      // Older than everything that there is room for.
      if (at === 0 && this.count >= bound) return;
      at -= this.makeRoom(bound);
      if (at < 0) return;
      this.open(at);
      this.columns.means[at] = Number.NaN;
      this.setBounds(at, undefined);
    }
    this.columns.times[at] = row.time;
    this.columns.actuals[at] = row.actual;
    if (row.past === undefined) return;
    this.columns.means[at] = row.past.mean;
    this.setBounds(at, row.past);
  }

  /** Views of the last rows, true until the next `put`. */
  last(rows: number): HistoryColumns {
    const from = Math.max(0, this.count - rows);
    const stride = 2 * this.levelCount;
    const { times, actuals, means, bounds } = this.columns;
    return {
      times: times.subarray(from, this.count),
      actuals: actuals.subarray(from, this.count),
      means: means.subarray(from, this.count),
      bounds: bounds.subarray(from * stride, this.count * stride),
    };
  }

  /** The first row that is not before this time. */
  private placeOf(time: number): number {
    if (time > this.lastTime) return this.count;
    let low = 0;
    let high = this.count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.columns.times[middle] as number) < time) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Makes room for one more row; returns how many old ones went. */
  private makeRoom(bound: number): number {
    const size = this.columns.times.length;
    if (this.count < Math.min(size, bound)) return 0;
    const dropped = this.count < bound ? 0 : this.count - bound + Math.ceil(bound / DROPPED_SHARE);
    const kept = this.last(this.count - dropped);
    const columns = columnsOf(Math.min(bound, 2 * kept.times.length + 1), this.levelCount);
    columns.times.set(kept.times);
    columns.actuals.set(kept.actuals);
    columns.means.set(kept.means);
    columns.bounds.set(kept.bounds);
    this.columns = columns;
    this.count = kept.times.length;
    return dropped;
  }

  private open(at: number): void {
    const stride = 2 * this.levelCount;
    const { times, actuals, means, bounds } = this.columns;
    for (const column of [times, actuals, means]) column.copyWithin(at + 1, at, this.count);
    bounds.copyWithin((at + 1) * stride, at * stride, this.count * stride);
    this.count += 1;
  }

  private setBounds(at: number, past: HistoryRow['past']): void {
    const from = at * 2 * this.levelCount;
    for (let level = 0; level < this.levelCount; level += 1) {
      this.columns.bounds[from + 2 * level] = past?.lower[level] ?? Number.NaN;
      this.columns.bounds[from + 2 * level + 1] = past?.upper[level] ?? Number.NaN;
    }
  }
}
