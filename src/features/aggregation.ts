import { addExact, exactValue, type ExactSum } from '../core/exact-sum.ts';

export const AGGREGATION_KINDS = ['none', 'sum', 'mean', 'count', 'last', 'min', 'max'] as const;

export type AggregationKind = (typeof AGGREGATION_KINDS)[number];

/** An event of an open period; a null value is known to be missing. */
export interface AggregationInput {
  readonly eventTimeMs: number;
  readonly value: number | null;
}

/** What an open period holds: small, and the same for any order of its events. */
export interface AggregateState {
  /** Events that counted: all of them for `count`, those with a value for `sum` and `mean`. */
  count: number;
  /** Event time of the latest event, for `last` and `none`. */
  timeMs: number;
  /** The latest, least or greatest value so far; NaN when there is none. */
  value: number;
  partials: ExactSum;
}

/** Turns the events of a period into its one value, in any order; states change in place. */
export interface Aggregation<S = AggregateState> {
  readonly kind: AggregationKind;
  /** The value of a period that passes without events: 0 for `count` and `sum`, else missing. */
  readonly empty: number;
  initial(): S;
  fold(state: S, input: AggregationInput): void;
  /** NaN when all values of the period were missing. */
  value(state: S): number;
  clone(state: S): S;
  encode(state: S): Uint8Array;
  decode(bytes: Uint8Array): S;
}

type Fold = (state: AggregateState, input: AggregationInput) => void;

const countEvent: Fold = (state) => {
  state.count += 1;
};

const addValue: Fold = (state, { value }) => {
  if (value === null) return;
  state.count += 1;
  addExact(state.partials, value);
};

/** Later wins; at one time the greater value does, and any value wins over a missing one. */
const keepLast: Fold = (state, { eventTimeMs, value }) => {
  if (eventTimeMs < state.timeMs) return;
  const candidate = value ?? Number.NaN;
  const wins = Number.isNaN(state.value) || candidate > state.value;
  if (eventTimeMs > state.timeMs || wins) state.value = candidate;
  state.timeMs = eventTimeMs;
};

const keepExtreme =
  (extreme: (one: number, other: number) => number): Fold =>
  (state, { value }) => {
    if (value === null) return;
    state.value = Number.isNaN(state.value) ? value : extreme(state.value, value);
  };

type Valuation = (state: AggregateState) => number;

const total: Valuation = ({ count, partials }) => (count === 0 ? Number.NaN : exactValue(partials));
const average: Valuation = ({ count, partials }) => exactValue(partials) / count;
const kept: Valuation = ({ value }) => value;

const FOLDS: Readonly<Record<AggregationKind, readonly [Fold, Valuation, number]>> = {
  none: [keepLast, kept, Number.NaN],
  last: [keepLast, kept, Number.NaN],
  sum: [addValue, total, 0],
  mean: [addValue, average, Number.NaN],
  count: [countEvent, ({ count }) => count, 0],
  min: [keepExtreme(Math.min), kept, Number.NaN],
  max: [keepExtreme(Math.max), kept, Number.NaN],
};

const HEADER_WORDS = 3;

const encode = ({ count, timeMs, value, partials }: AggregateState): Uint8Array =>
  new Uint8Array(Float64Array.of(count, timeMs, value, ...partials).buffer);

const decode = (bytes: Uint8Array): AggregateState => {
  // Copied, because bytes within a larger buffer need not lie on a multiple of eight; and not by
  // `slice`, which in a Buffer is a view of the whole.
  const words = new Float64Array(new Uint8Array(bytes).buffer);
  const [count = 0, timeMs = 0, value = 0] = words;
  return { count, timeMs, value, partials: [...words.subarray(HEADER_WORDS)] };
};

/**
 * The aggregation of a stream. `none` expects one event a period, and takes the last of several.
 */
export const aggregation = (kind: AggregationKind): Aggregation => {
  const [fold, value, empty] = FOLDS[kind];
  return {
    kind,
    empty,
    fold,
    value,
    encode,
    decode,
    initial: () => ({
      count: 0,
      timeMs: Number.NEGATIVE_INFINITY,
      value: Number.NaN,
      partials: [],
    }),
    clone: (state) => ({ ...state, partials: [...state.partials] }),
  };
};
