import type { AggregationInput } from './aggregation.ts';

/** An event of an open period that says by an id which one it is. */
export interface IdentifiedEvent extends AggregationInput {
  readonly seriesId: string;
  readonly period: number;
  /** Names the event within its series and period. */
  readonly id: string;
}

/** As it is remembered. */
export interface KeptEvent extends IdentifiedEvent {
  /** Counts the events of one reader, in the order in which they came. */
  readonly order: number;
}

/** What hears of each change, so that another life can go on from there. */
export interface EventKeeper {
  put(event: KeptEvent): void;
  delete(event: KeptEvent): void;
  /** An event that is known no more since there are too many: it counts, and so would its like. */
  forgotten(event: KeptEvent): void;
}

/**
 * Events that one reader remembers, some 100 MB of them; beyond it the oldest are forgotten, and
 * their repetitions count.
 */
const DISTINCT_EVENTS_MAX = 250_000;

const NONE: readonly KeptEvent[] = Object.freeze([]);

/** Later wins; at one time the greater value does, and any value wins over a missing one. */
const supersedes = (one: AggregationInput, other: AggregationInput): boolean => {
  if (one.eventTimeMs !== other.eventTimeMs) return one.eventTimeMs > other.eventTimeMs;
  return one.value !== null && (other.value === null || one.value > other.value);
};

/**
 * Events of open periods, each once, however often and in whatever order it was sent. Of several
 * with one id the latest counts, so that the order decides nothing.
 */
export class DistinctEvents {
  private readonly keeper: EventKeeper;
  private readonly max: number;
  /** By series, period and id. */
  private readonly series = new Map<string, Map<number, Map<string, KeptEvent>>>();
  /** In the order in which they came. */
  private readonly arrived = new Set<KeptEvent>();
  private order = 0;

  constructor(keeper: EventKeeper, max = DISTINCT_EVENTS_MAX) {
    this.keeper = keeper;
    this.max = max;
  }

  /** Takes back what an earlier life had kept, in any order. */
  restore(kept: readonly KeptEvent[]): void {
    for (const event of [...kept].sort((one, other) => one.order - other.order)) {
      this.place(event);
      this.order = event.order + 1;
    }
  }

  /** true: an event of this id was known. */
  add(event: IdentifiedEvent): boolean {
    const known = this.series.get(event.seriesId)?.get(event.period)?.get(event.id);
    if (known !== undefined && !supersedes(event, known)) return true;
    if (known !== undefined) this.arrived.delete(known);
    const kept = { ...event, order: this.order };
    this.order += 1;
    this.place(kept);
    this.keeper.put(kept);
    if (this.arrived.size > this.max) this.forgetOldest();
    return known !== undefined;
  }

  /** The events of a period that is over, which are known no more; none: it had none. */
  take(seriesId: string, period: number): readonly KeptEvent[] {
    const known = this.series.get(seriesId)?.get(period);
    if (known === undefined) return NONE;
    const events = [...known.values()];
    for (const event of events) this.remove(event);
    return events;
  }

  /** The same, of all series and of all periods before `end`. */
  takeBefore(end: number): readonly KeptEvent[] {
    const events = [...this.arrived].filter(({ period }) => period < end);
    for (const event of events) this.remove(event);
    return events;
  }

  /** The earliest period that has any; Infinity for none. */
  earliest(): number {
    let earliest = Infinity;
    for (const { period } of this.arrived) earliest = Math.min(earliest, period);
    return earliest;
  }

  private place(event: KeptEvent): void {
    const { seriesId, period, id } = event;
    const periods = this.series.get(seriesId) ?? new Map<number, Map<string, KeptEvent>>();
    const events = periods.get(period) ?? new Map<string, KeptEvent>();
    this.series.set(seriesId, periods.set(period, events.set(id, event)));
    this.arrived.add(event);
  }

  private forgetOldest(): void {
    const [oldest] = this.arrived;
    if (oldest === undefined) return;
    this.remove(oldest);
    this.keeper.forgotten(oldest);
  }

  private remove(event: KeptEvent): void {
    const { seriesId, period, id } = event;
    const periods = this.series.get(seriesId);
    const events = periods?.get(period);
    this.arrived.delete(event);
    events?.delete(id);
    if (events?.size === 0) periods?.delete(period);
    if (periods?.size === 0) this.series.delete(seriesId);
    this.keeper.delete(event);
  }
}
