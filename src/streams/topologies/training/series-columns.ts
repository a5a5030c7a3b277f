// Hot file: slots are in range by construction (a column is grown before it is used), so
// typed-array reads are narrowed with `as number`.
import { addExact } from '../../../core/exact-sum.ts';
import type {
  AggregateState,
  Aggregation,
  AggregationInput,
} from '../../../features/aggregation.ts';

/** Exact sums rarely need more partials than these; what does is kept apart, slot by slot. */
const PARTIALS = 2;
/** First length of a column, in periods; it doubles when it is full. */
const LENGTH_MIN = 256;

type ColumnName = 'count' | 'timeMs' | 'value' | 'first' | 'second';

/** What an aggregation needs to remember of a period. */
const COLUMNS: Readonly<Record<Aggregation['kind'], readonly ColumnName[]>> = {
  none: ['timeMs', 'value'],
  last: ['timeMs', 'value'],
  min: ['value'],
  max: ['value'],
  count: ['count'],
  sum: ['count', 'first', 'second'],
  mean: ['count', 'first', 'second'],
};

/** What a column holds where no event has been yet. */
const UNTOUCHED: Readonly<Record<ColumnName, number>> = {
  count: 0,
  timeMs: -Infinity,
  value: Number.NaN,
  first: 0,
  second: 0,
};

/** What has happened to a slot: nothing, events, or a correction, after which none count. */
const EMPTY = 0;
const FOLDED = 1;
const CORRECTED = 2;

/** Periods that a column may cover: [from, to). */
export interface ColumnBounds {
  readonly from: number;
  readonly to: number;
}

/**
 * The periods of one series while its events are read, in any order: a few numbers a period and no
 * object, so that a year of hours of a thousand series fits.
 */
export class SeriesColumns {
  /** The first period that the series had an event in, even where that lies before the bounds. */
  firstPeriod = Infinity;
  private readonly aggregation: Aggregation;
  private readonly bounds: ColumnBounds;
  private readonly onGrow: (words: number) => void;
  private readonly names: readonly ColumnName[];
  private columns: Readonly<Record<ColumnName, Float64Array>>;
  private marks = new Uint8Array(0);
  private base = 0;
  /** Partials beyond those that have columns, by period. */
  private readonly overflow = new Map<number, number[]>();
  private readonly scratch: AggregateState;

  /** `onGrow` hears how many words more are held. */
  constructor(
    aggregation: Aggregation,
    bounds: ColumnBounds,
    onGrow: (words: number) => void = () => undefined,
  ) {
    const none = new Float64Array(0);
    this.aggregation = aggregation;
    this.bounds = bounds;
    this.onGrow = onGrow;
    this.names = COLUMNS[aggregation.kind];
    this.columns = { count: none, timeMs: none, value: none, first: none, second: none };
    this.scratch = aggregation.initial();
  }

  /** Float64 words that are held. */
  get sizeWords(): number {
    return this.marks.length * this.names.length;
  }

  /** Folds an event into its period. */
  fold(period: number, input: AggregationInput): void {
    if (period < this.firstPeriod) this.firstPeriod = period;
    if (!this.covers(period)) return;
    const slot = this.slotOf(period);
    if (this.marks[slot] === CORRECTED) return;
    this.marks[slot] = FOLDED;
    this.add(slot, period, input);
  }

  /**
   * Corrects a period: what it has counts no more, nor does what is folded into it later, since a
   * correction waits until its period is over.
   */
  replace(period: number, input: AggregationInput): void {
    if (!this.covers(period)) return;
    const slot = this.slotOf(period);
    this.clear(slot, period);
    this.marks[slot] = CORRECTED;
    this.add(slot, period, input);
  }

  /**
   * One value a period from the first event on (or from the beginning of the bounds) up to their
   * end; periods without events have the aggregation's value for those.
   */
  values(): { readonly firstPeriod: number; readonly values: Float64Array } {
    const firstPeriod = Math.max(this.firstPeriod, this.bounds.from);
    const values = new Float64Array(Math.max(0, this.bounds.to - firstPeriod));
    for (let index = 0; index < values.length; index += 1) {
      const slot = firstPeriod + index - this.base;
      values[index] =
        (this.marks[slot] ?? EMPTY) === EMPTY
          ? this.aggregation.empty
          : this.valueAt(slot, firstPeriod + index);
    }
    return { firstPeriod, values };
  }

  private covers(period: number): boolean {
    return period >= this.bounds.from && period < this.bounds.to;
  }

  private add(slot: number, period: number, input: AggregationInput): void {
    if (this.aggregation.kind === 'count') {
      this.columns.count[slot] = (this.columns.count[slot] as number) + 1;
      return;
    }
    this.load(slot, period);
    this.aggregation.fold(this.scratch, input);
    this.save(slot, period);
  }

  private valueAt(slot: number, period: number): number {
    this.load(slot, period);
    return this.aggregation.value(this.scratch);
  }

  private load(slot: number, period: number): void {
    const { scratch, columns } = this;
    scratch.count = columns.count[slot] ?? 0;
    scratch.timeMs = columns.timeMs[slot] ?? UNTOUCHED.timeMs;
    scratch.value = columns.value[slot] ?? UNTOUCHED.value;
    scratch.partials.length = 0;
    addExact(scratch.partials, columns.first[slot] ?? 0);
    addExact(scratch.partials, columns.second[slot] ?? 0);
    for (const partial of this.overflow.get(period) ?? []) addExact(scratch.partials, partial);
  }

  private save(slot: number, period: number): void {
    const { scratch, columns, names } = this;
    const { partials } = scratch;
    for (const name of names) columns[name][slot] = this.scratchValue(name);
    if (partials.length > PARTIALS) this.overflow.set(period, partials.slice(PARTIALS));
    else if (this.overflow.size > 0) this.overflow.delete(period);
  }

  private scratchValue(name: ColumnName): number {
    const { count, timeMs, value, partials } = this.scratch;
    switch (name) {
      case 'count':
        return count;
      case 'timeMs':
        return timeMs;
      case 'value':
        return value;
      case 'first':
        return partials[0] ?? 0;
      case 'second':
        return partials[1] ?? 0;
    }
  }

  private clear(slot: number, period: number): void {
    for (const name of this.names) this.columns[name][slot] = UNTOUCHED[name];
    this.overflow.delete(period);
  }

  private slotOf(period: number): number {
    if (this.marks.length === 0) this.base = period;
    const slot = period - this.base;
    if (slot >= 0 && slot < this.marks.length) return slot;
    this.grow(period);
    return period - this.base;
  }

  /** Makes room for a period, and as much again on that side. */
  private grow(period: number): void {
    const { bounds, marks: old } = this;
    const more = Math.max(LENGTH_MIN, old.length);
    const isBefore = period < this.base;
    const base = isBefore ? Math.max(bounds.from, Math.min(period, this.base - more)) : this.base;
    const end = isBefore
      ? this.base + old.length
      : Math.max(period + 1, this.base + old.length + more);
    const length = Math.min(bounds.to, end) - base;
    const shift = this.base - base;
    const grown = { ...this.columns };
    for (const name of this.names) {
      const column = new Float64Array(length).fill(UNTOUCHED[name]);
      column.set(this.columns[name], shift);
      grown[name] = column;
    }
    const marks = new Uint8Array(length);
    marks.set(old, shift);
    const before = this.sizeWords;
    this.columns = grown;
    this.marks = marks;
    this.base = base;
    this.onGrow(this.sizeWords - before);
  }
}
