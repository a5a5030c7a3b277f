import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../src/core/random.ts';
import { BINS_MAX } from '../../../src/retraining/trainers/gbdt/bins.ts';
import {
  countIn,
  HistogramCounter,
  ONE,
  type Counted,
} from '../../../src/retraining/trainers/gbdt/histogram.ts';

/** One sample after the other. */
const counted = (
  columns: readonly Uint8Array[],
  signs: Int8Array,
  { order, inputs, from, to }: Counted,
): Float64Array => {
  const cells = new Float64Array(inputs.length * BINS_MAX);
  for (const sample of order.subarray(from, to)) {
    for (const [place, input] of inputs.entries()) {
      const at = place * BINS_MAX + (columns[input]?.[sample] ?? 0);
      cells[at] = (cells[at] ?? 0) + ONE + (signs[sample] ?? 0);
    }
  }
  return cells;
};

/** Samples with many in a few bins, as a calendar has them. */
const samplesOf = (seed: string, count: number) => {
  const random = seededRandom(seed);
  const columns = [2, 7, 24, BINS_MAX, BINS_MAX, BINS_MAX].map((bins) =>
    Uint8Array.from({ length: count }, () => random.int(bins)),
  );
  const signs = Int8Array.from({ length: count }, () => random.int(3) - 1);
  const order = Int32Array.from({ length: count }, (_, at) => (at * 7_919) % count);
  return { columns, signs, order };
};

describe('a histogram', () => {
  it('has the counts and sums of its samples, whichever inputs and however many', () => {
    const cases = fc.record({
      count: fc.integer({ min: 1, max: 300 }),
      inputs: fc.subarray([0, 1, 2, 3, 4, 5], { minLength: 1 }),
      cut: fc.nat(300),
      seed: fc.string(),
    });
    fc.assert(
      fc.property(cases, ({ count, inputs, cut, seed }) => {
        const { columns, signs, order } = samplesOf(seed, count);
        const some = { order, inputs, from: Math.min(cut, count), to: count };
        const histogram = new Float64Array(inputs.length * BINS_MAX);
        new HistogramCounter(columns).add(histogram, signs, some);
        expect(histogram).toEqual(counted(columns, signs, some));
      }),
    );
  });

  it('stays exact where all samples of one sign fall into one bin', () => {
    const count = 100_000;
    const columns = [new Uint8Array(count)];
    const order = Int32Array.from({ length: count }, (_, at) => at);
    const counter = new HistogramCounter(columns);
    for (const sign of [-1, 0, 1]) {
      const signs = new Int8Array(count).fill(sign);
      const histogram = new Float64Array(BINS_MAX);
      counter.add(histogram, signs, { order, inputs: [0], from: 0, to: count });
      const [cell = 0, ...others] = histogram;
      expect(countIn(cell)).toBe(count);
      expect(cell - count * ONE).toBe(sign * count);
      expect(others.every((other) => other === 0)).toBe(true);
    }
  });
});
