import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../src/core/random.ts';
import { mergeSums, metricsOf } from '../../src/evaluation/error-sums.ts';
import { StepSums } from '../../src/evaluation/step-sums.ts';
import type { ErrorSums } from '../../src/schemas/partial.ts';
import type { Score } from '../../src/schemas/score.ts';
import { columnsOf } from '../support/columnar-scores.ts';
import { LEVELS, NAIVE_NAMES, randomScore } from '../support/scores.ts';

const HORIZON = 3;
const SHAPE = { levels: LEVELS, naiveNames: NAIVE_NAMES, horizon: HORIZON };
const STEPS = [1, 2, 3];
const COMPARED_MIN = 10_000;

const tableOf = (scores: readonly Score[]): StepSums => {
  const table = new StepSums(SHAPE);
  for (const { actual, steps } of scores) table.add(columnsOf(steps), actual, 1);
  return table;
};

const sumsOf = (table: StepSums): ErrorSums[] => STEPS.map((step) => table.sumsOf(step));

const totalOf = (tables: readonly StepSums[]): ErrorSums =>
  mergeSums(tables.flatMap(sumsOf), SHAPE);

const cases = fc.record({
  seed: fc.integer({ min: 0, max: 2 ** 31 }),
  count: fc.integer({ min: 1, max: 120 }),
  partitions: fc.constantFrom(2, 4, 8),
  spread: fc.constantFrom(0, 3, 20, 60, 200),
});

describe('accuracy is exact', () => {
  it('whichever partitions the scores of a model lie on, and in whatever order they come', () => {
    let compared = 0;
    let spilled = 0;
    fc.assert(
      fc.property(cases, ({ seed, count, partitions, spread }) => {
        const random = seededRandom(seed);
        const scores = Array.from({ length: count }, () =>
          randomScore(random, { horizon: HORIZON, spread }),
        );
        const oracle = tableOf(scores);
        const shares: Score[][] = Array.from({ length: partitions }, () => []);
        for (const score of scores) shares[random.int(partitions)]?.splice(0, 0, score);
        const tables = shares.map(tableOf).reverse();
        for (const [index, sums] of sumsOf(oracle).entries()) {
          const parts = tables.map((table) => table.sumsOf(index + 1));
          expect(mergeSums(parts, SHAPE)).toEqual(sums);
        }
        const total = totalOf(tables);
        expect(total).toEqual(totalOf([oracle]));
        expect(metricsOf(total, SHAPE)).toEqual(metricsOf(totalOf([oracle]), SHAPE));
        compared += scores.length;
        spilled += oracle.spill.size;
      }),
      { seed: 1, numRuns: 300 },
    );
    expect(compared).toBeGreaterThan(COMPARED_MIN);
    expect(spilled).toBeGreaterThan(100);
  });

  it('after a score was superseded, as if the first had never been', () => {
    let compared = 0;
    fc.assert(
      fc.property(cases, ({ seed, count, spread }) => {
        const random = seededRandom(seed);
        const kept = Array.from({ length: count }, () =>
          randomScore(random, { horizon: HORIZON, spread }),
        );
        const dropped = Array.from({ length: count }, () =>
          randomScore(random, { horizon: HORIZON, spread }),
        );
        const table = tableOf([...dropped, ...kept]);
        for (const { actual, steps } of dropped) table.add(columnsOf(steps), actual, -1);
        expect(sumsOf(table)).toEqual(sumsOf(tableOf(kept)));
        compared += count;
      }),
      { seed: 2, numRuns: 100 },
    );
    expect(compared).toBeGreaterThan(COMPARED_MIN / 3);
  });
});
