import { describe, expect, it } from 'vitest';
import { runLives } from '../support/tally-lives.ts';
import type { Outcome } from '../support/tally-outcome.ts';

const RUN = { partitions: 3, count: 200, seed: 'batching' };

const outcomeWith = (batchRecordsMax: number): Promise<Outcome> =>
  runLives({ ...RUN, fate: () => undefined, limits: { batchRecordsMax } });

describe('batching', () => {
  it('is invisible: 1, 7 or 5,000 records at once give the same outputs and state', async () => {
    const ones = await outcomeWith(1);
    expect(await outcomeWith(7)).toEqual(ones);
    expect(await outcomeWith(5_000)).toEqual(ones);
    expect(ones.outputCount).toBeGreaterThan(RUN.partitions * RUN.count);
    expect(ones.deadLetterCount).toBeGreaterThan(10);
  });
});
