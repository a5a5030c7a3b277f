import type { Aggregation } from '../../../features/aggregation.ts';
import type { Keyed, KeyedDefinition } from '../../../state/keyed.ts';
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
}

/** Folds events into the periods that are still open, whatever order they come in. */
export class OpenPeriods<S> {
  private readonly aggregation: Aggregation<S>;
  private readonly keyed: Keyed<S>;
  /**
   * Most events of a series fall into its latest period: its key is kept, so that it is hashed
   * once.
   */
  private readonly latest = new Map<string, { period: number; key: string }>();

  constructor(aggregation: Aggregation<S>, keyed: Keyed<S>) {
    this.aggregation = aggregation;
    this.keyed = keyed;
  }

  fold(series: Series, period: number, arrival: Arrival): void {
    this.aggregation.fold(this.keyed.touch(this.keyOf(series, period)), arrival);
  }

  /** The value of a period that ends now; undefined when it saw no event. */
  close(series: Series, period: number): number | undefined {
    const key = this.keyOf(series, period);
    const state = this.keyed.find(key);
    if (state === undefined) return undefined;
    const value = this.aggregation.value(state);
    this.keyed.delete(key);
    return value;
  }

  private keyOf({ id }: Series, period: number): string {
    const latest = this.latest.get(id);
    if (latest?.period === period) return latest.key;
    const key = `${id}/${period}`;
    if (latest === undefined) this.latest.set(id, { period, key });
    else if (period > latest.period) {
      latest.period = period;
      latest.key = key;
    }
    return key;
  }
}
