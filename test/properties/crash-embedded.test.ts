import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../src/core/clock.ts';
import { seededRandom, type SeededRandom } from '../../src/core/random.ts';
import { openEmbeddedLog } from '../../src/log/embedded/embedded-log.ts';
import { levelStoreFolder } from '../../src/state/level/level-store.ts';
import { MortalProcess } from '../support/mortal-process.ts';
import { outcomeOf, type Outcome } from '../support/tally-outcome.ts';
import {
  endsOf,
  feedTally,
  memoryRegistry,
  runTally,
  type TallyProcess,
} from '../support/tally-run.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const PARTITIONS = 3;
const COUNT = 150;

interface LifeOptions extends Omit<TallyProcess, 'log' | 'stores'> {
  readonly folder: string;
  /** Commits after which the process dies. */
  readonly commitsMax: number;
}

/** One process from the opening of its folder to its end; true: it read everything. */
const live = async ({ folder, commitsMax, ...rest }: LifeOptions): Promise<boolean> => {
  const log = await openEmbeddedLog({ folder, clock: systemClock });
  const ends = await endsOf(log);
  const process = new MortalProcess(log, levelStoreFolder(join(folder, 'state')));
  let commits = 0;
  const run = async (): Promise<boolean> => {
    const worker = await runTally({
      ...rest,
      ends,
      log: process.log,
      stores: process.stores,
      onCommit: () => {
        commits += 1;
        if (commits === commitsMax) void process.kill();
      },
    });
    await worker.stop();
    return true;
  };
  const isDone = await Promise.race([run(), process.died.then(() => false)]);
  await log.close();
  return isDone;
};

const outcomeWith = async (
  commitsMax: () => number,
): Promise<{ readonly outcome: Outcome; readonly lives: number }> => {
  const folder = await temporaryFolder();
  const registry = memoryRegistry();
  const feeding = await openEmbeddedLog({ folder, clock: systemClock });
  await feedTally(feeding, { partitions: PARTITIONS, count: COUNT, seed: 'embedded' });
  await feeding.close();
  let lives = 1;
  const options = { folder, registry, partitions: PARTITIONS };
  while (!(await live({ ...options, commitsMax: commitsMax() }))) lives += 1;
  const log = await openEmbeddedLog({ folder, clock: systemClock });
  const outcome = await outcomeOf(log, { partitions: PARTITIONS, registry });
  await log.close();
  return { outcome, lives };
};

const upTo = (random: SeededRandom, most: number): (() => number) => {
  return () => 1 + random.int(most);
};

describe('crashing on the embedded log', () => {
  it.each(['first', 'second', 'third'])('is invisible: %s seed', async (seed) => {
    const calm = await outcomeWith(() => Infinity);
    const stormy = await outcomeWith(upTo(seededRandom(seed), 60));
    expect(stormy.outcome).toEqual(calm.outcome);
    expect(calm.lives).toBe(1);
    expect(stormy.lives).toBeGreaterThan(3);
    expect(calm.outcome.outputCount).toBeGreaterThan(PARTITIONS * COUNT);
  });
});
