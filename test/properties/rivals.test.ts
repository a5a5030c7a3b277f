import { describe, expect, it } from 'vitest';
import { systemClock } from '../../src/core/clock.ts';
import { memoryLog } from '../../src/log/memory/memory-log.ts';
import { memoryStoreFolder } from '../../src/state/memory/memory-store.ts';
import { MortalProcess } from '../support/mortal-process.ts';
import {
  endsOf,
  feedTally,
  memoryRegistry,
  outcomeOf,
  runTally,
  type Outcome,
} from '../support/tally-run.ts';

const PARTITIONS = 4;
const COUNT = 60;

/** Runs as many processes at once on one log, each believing that all partitions are its own. */
const outcomeOfRivals = async (
  count: number,
): Promise<{ readonly outcome: Outcome; readonly fenced: number }> => {
  const log = memoryLog({ clock: systemClock });
  const registry = memoryRegistry();
  await feedTally(log, { partitions: PARTITIONS, count: COUNT, seed: 'rivals' });
  const ends = await endsOf(log);
  const processes = Array.from(
    { length: count },
    () => new MortalProcess(log, memoryStoreFolder()),
  );
  let fenced = 0;
  const runs = processes.map(({ log: own, stores }) =>
    runTally({
      log: own,
      stores,
      ends,
      registry,
      partitions: PARTITIONS,
      onFailure: () => {
        fenced += 1;
      },
    }),
  );
  // When one sees the end, all has been committed; the others may fence each other for ever.
  const worker = await Promise.race(runs);
  for (const process of processes) await process.kill();
  expect(worker.tasks).toHaveLength(PARTITIONS);
  return { outcome: await outcomeOf(log, { partitions: PARTITIONS, registry }), fenced };
};

describe('rivals', () => {
  it('commit nothing twice, however often they take a partition from each other', async () => {
    const alone = await outcomeOfRivals(1);
    const rivals = await outcomeOfRivals(3);
    expect(rivals.outcome).toEqual(alone.outcome);
    expect(alone.fenced).toBe(0);
    expect(rivals.fenced).toBeGreaterThan(PARTITIONS);
    expect(alone.outcome.outputCount).toBeGreaterThan(PARTITIONS * COUNT);
  });
});
