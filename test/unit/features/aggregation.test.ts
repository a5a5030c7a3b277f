import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../src/core/random.ts';
import {
  AGGREGATION_KINDS,
  aggregation,
  type AggregationInput,
  type AggregationKind,
} from '../../../src/features/aggregation.ts';

const valueOf = (kind: AggregationKind, inputs: readonly AggregationInput[]): number => {
  const aggregate = aggregation(kind);
  const state = aggregate.initial();
  for (const input of inputs) aggregate.fold(state, input);
  return aggregate.value(state);
};

const events = (...values: readonly (number | null)[]): AggregationInput[] =>
  values.map((value, index) => ({ eventTimeMs: 1_000 + index, value }));

describe('an aggregation', () => {
  it.each([
    ['count', [4, null, 1], 3],
    ['sum', [4, null, 1], 5],
    ['mean', [4, null, 1], 2.5],
    ['min', [4, null, 1], 1],
    ['max', [4, null, 1], 4],
    ['last', [4, null, 1], 1],
    ['last', [4, 1, null], Number.NaN],
    ['none', [4], 4],
    ['sum', [null], Number.NaN],
    ['mean', [null], Number.NaN],
    ['min', [null], Number.NaN],
    ['sum', [1e16, 1, -1e16], 1],
  ] as const)('%s of %j is %d', (kind, values, expected) => {
    expect(valueOf(kind, events(...values))).toBe(expected);
  });

  it('says what a period without events is', () => {
    const empties = AGGREGATION_KINDS.map((kind) => [kind, aggregation(kind).empty]);
    expect(empties).toEqual([
      ['none', NaN],
      ['sum', 0],
      ['mean', NaN],
      ['count', 0],
      ['last', NaN],
      ['min', NaN],
      ['max', NaN],
    ]);
  });

  it('comes back from bytes that lie within a larger buffer', () => {
    const sum = aggregation('sum');
    const state = sum.initial();
    for (const input of events(1e16, 1, -3)) sum.fold(state, input);
    const bytes = sum.encode(state);
    const larger = Buffer.concat([Buffer.alloc(11, 1), bytes, Buffer.alloc(8, 1)]);
    expect(sum.decode(larger.subarray(11, 11 + bytes.length))).toEqual(state);
  });

  it('breaks a tie of time by value, and prefers any value to a missing one', () => {
    const tied = (values: readonly (number | null)[]): number =>
      valueOf(
        'last',
        values.map((value) => ({ eventTimeMs: 5, value })),
      );
    expect(tied([1, 3, 2])).toBe(3);
    expect(tied([3, 1, null])).toBe(3);
    expect(tied([null, -1])).toBe(-1);
  });

  it('does not depend on the order of events, nor on being stored in between', () => {
    let compared = 0;
    for (const kind of AGGREGATION_KINDS) {
      const aggregate = aggregation(kind);
      for (let run = 0; run < 60; run += 1) {
        const random = seededRandom(`${kind} ${run}`);
        const inputs = Array.from({ length: 40 }, () => ({
          eventTimeMs: random.int(30),
          value: random.int(10) === 0 ? null : random.normal() * 10 ** random.int(18),
        }));
        const shuffled = inputs
          .map((input) => ({ input, key: random.next() }))
          .sort((one, other) => one.key - other.key)
          .map(({ input }) => input);
        let stored = aggregate.initial();
        for (const input of shuffled) {
          const copy = aggregate.clone(stored);
          aggregate.fold(copy, input);
          const padded = new Uint8Array([0, ...aggregate.encode(copy)]);
          stored = aggregate.decode(padded.subarray(1));
        }
        expect(aggregate.value(stored)).toBe(valueOf(kind, inputs));
        compared += 1;
      }
    }
    expect(compared).toBe(7 * 60);
  });

  it('leaves a state alone when its clone changes', () => {
    const aggregate = aggregation('sum');
    const state = aggregate.initial();
    aggregate.fold(state, { eventTimeMs: 1, value: 2 });
    aggregate.fold(aggregate.clone(state), { eventTimeMs: 2, value: 5 });
    expect(aggregate.value(state)).toBe(2);
  });
});
