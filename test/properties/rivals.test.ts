import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../src/core/clock.ts';
import { openEmbeddedLog } from '../../src/log/embedded/embedded-log.ts';
import type { Log } from '../../src/log/log.ts';
import { memoryLog } from '../../src/log/memory/memory-log.ts';
import { levelStoreFolder } from '../../src/state/level/level-store.ts';
import { memoryStoreFolder } from '../../src/state/memory/memory-store.ts';
import type { StoreFolder } from '../../src/state/store.ts';
import { MortalProcess } from '../support/mortal-process.ts';
import { outcomeOf, type Outcome } from '../support/tally-outcome.ts';
import { endsOf, feedTally, memoryRegistry, runTally } from '../support/tally-run.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const PARTITIONS = 4;
const COUNT = 60;

interface Ground {
  readonly log: Log;
  /** Each rival has a disk of its own. */
  readonly stores: (rival: number) => StoreFolder;
}

const inMemory = async (): Promise<Ground> => ({
  log: memoryLog({ clock: systemClock }),
  stores: () => memoryStoreFolder(),
});

const onDisk = async (): Promise<Ground> => {
  const folder = await temporaryFolder();
  const log = await openEmbeddedLog({ folder: join(folder, 'log'), clock: systemClock });
  return { log, stores: (rival) => levelStoreFolder(join(folder, `stores-${rival}`)) };
};

/** Runs as many processes at once on one log, each believing that all partitions are its own. */
const outcomeOfRivals = async (
  count: number,
  { log, stores: storesOf }: Ground,
): Promise<{ readonly outcome: Outcome; readonly fenced: number }> => {
  const registry = memoryRegistry();
  await feedTally(log, { partitions: PARTITIONS, count: COUNT, seed: 'rivals' });
  const ends = await endsOf(log);
  const processes = Array.from(
    { length: count },
    (_, rival) => new MortalProcess(log, storesOf(rival)),
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
  const outcome = await outcomeOf(log, { partitions: PARTITIONS, registry });
  await log.close();
  return { outcome, fenced };
};

describe('rivals', () => {
  it.each([
    ['the memory log', 3, inMemory],
    ['the memory log', 2, inMemory],
    ['the embedded log', 2, onDisk],
    ['the embedded log', 3, onDisk],
  ])(
    'commit nothing twice on %s, however often %i of them take a partition from each other',
    async (_log, count, ground) => {
      const alone = await outcomeOfRivals(1, await ground());
      const rivals = await outcomeOfRivals(count, await ground());
      expect(rivals.outcome).toEqual(alone.outcome);
      expect(alone.fenced).toBe(0);
      expect(rivals.fenced).toBeGreaterThan(PARTITIONS);
      expect(alone.outcome.outputCount).toBeGreaterThan(PARTITIONS * COUNT);
    },
  );
});
