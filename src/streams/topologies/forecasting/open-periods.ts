import type { Aggregation } from '../../../features/aggregation.ts';
import { DistinctEvents, type EventKeeper } from '../../../features/distinct-events.ts';
import type { Keyed, KeyedDefinition } from '../../../state/keyed.ts';
import type { OpenEvents } from './open-events.ts';
import type { Series } from './series-table.ts';

/** What the open periods of a stream hold; the kind of aggregate is part of the name. */
export const openPeriodsStore = <S>(aggregation: Aggregation<S>): KeyedDefinition<S> => ({
  kind: 'keyed',
  name: `open-periods-${aggregation.kind}`,
  version: 1,
  initial: () => aggregation.initial(),
  clone: (state) => aggregation.clone(state),
  encode: (state) => aggregation.encode(state),
  decode: (bytes) => aggregation.decode(bytes),
});

export interface Arrival {
  readonly eventTimeMs: number;
  readonly value: number | null;
  /** By which a repetition is known. */
  readonly id?: string | undefined;
}

export interface OpenPeriodsOptions<S> {
  readonly aggregation: Aggregation<S>;
  readonly keyed: Keyed<S>;
  readonly events: OpenEvents;
  /** Events with ids that are remembered at most. */
  readonly eventsMax?: number | undefined;
}

/** Folds events into the periods that are still open, whatever order they come in. */
export class OpenPeriods<S> {
  private readonly aggregation: Aggregation<S>;
  private readonly keyed: Keyed<S>;
  /** Those that may come again: they are folded when their period is over, each once. */
  private readonly events: DistinctEvents;
  /**
   * Of each series the latest period that was open for it. Most events fall into it: its key is
   * kept, so that it is hashed once.
   */
  private readonly latest = new Map<string, { period: number; key: string }>();

  constructor({ aggregation, keyed, events, eventsMax }: OpenPeriodsOptions<S>) {
    this.aggregation = aggregation;
    this.keyed = keyed;
    const keeper: EventKeeper = {
      put: (event) => {
        events.put(event);
      },
      delete: (event) => {
        events.delete(event);
      },
      forgotten: ({ seriesId, period, ...arrival }) => {
        aggregation.fold(keyed.touch(this.keyOf(seriesId, period)), arrival);
      },
    };
    this.events = new DistinctEvents(keeper, eventsMax);
    const kept = events.all();
    this.events.restore(kept);
    for (const { seriesId, period } of kept) this.keyOf(seriesId, period);
    for (const key of keyed.keys()) this.keyOf(...placeOf(key));
  }

  /** true: the event is a repetition. */
  fold({ id: seriesId }: Series, period: number, { id, ...arrival }: Arrival): boolean {
    // The last value of a period is the same however often it comes.
    if (id !== undefined && this.aggregation.kind !== 'none') {
      this.keyOf(seriesId, period);
      return this.events.add({ seriesId, period, id, ...arrival });
    }
    this.aggregation.fold(this.keyed.touch(this.keyOf(seriesId, period)), arrival);
    return false;
  }

  /** The value of a period that ends now; undefined when it saw no event. */
  close({ id: seriesId }: Series, period: number): number | undefined {
    const key = this.keyOf(seriesId, period);
    const events = this.events.take(seriesId, period);
    for (const event of events) this.aggregation.fold(this.keyed.touch(key), event);
    const state = this.keyed.find(key);
    if (state === undefined) return undefined;
    const value = this.aggregation.value(state);
    this.keyed.delete(key);
    return value;
  }

  /** Whether a series has events of later periods. */
  isAwaited({ id }: Series, period: number): boolean {
    return (this.latest.get(id)?.period ?? -Infinity) > period;
  }

  /** Remembers nothing more of a series whose periods are closed. */
  forget({ id }: Series): void {
    this.latest.delete(id);
  }

  /** The earliest period that any series has an event of; Infinity for none. */
  earliest(): number {
    let earliest = this.events.earliest();
    for (const key of this.keyed.keys()) earliest = Math.min(earliest, placeOf(key)[1]);
    return earliest;
  }

  private keyOf(seriesId: string, period: number): string {
    const latest = this.latest.get(seriesId);
    if (latest?.period === period) return latest.key;
    const key = `${seriesId}/${period}`;
    if (latest === undefined) this.latest.set(seriesId, { period, key });
    else if (period > latest.period) {
      latest.period = period;
      latest.key = key;
    }
    return key;
  }
}

/** The series and the period of a key that `keyOf` wrote; an id may have slashes too. */
const placeOf = (key: string): [string, number] => {
  const slash = key.lastIndexOf('/');
  return [key.slice(0, slash), Number(key.slice(slash + 1))];
};
