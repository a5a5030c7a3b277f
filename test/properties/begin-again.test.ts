import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../src/core/random.ts';
import { systemClock } from '../../src/core/clock.ts';
import { LogError } from '../../src/log/errors.ts';
import type { FaultPoint } from '../../src/log/memory/faults.ts';
import { memoryLog } from '../../src/log/memory/memory-log.ts';
import { memoryStoreFolder } from '../../src/state/memory/memory-store.ts';
import { runLives, type Fate, type Hand } from '../support/tally-lives.ts';
import { outcomeOf, storedTally, type Outcome } from '../support/tally-outcome.ts';
import {
  beginTallyAgain,
  endsOf,
  feedTally,
  memoryRegistry,
  runTally,
} from '../support/tally-run.ts';

const RUN = { partitions: 2, count: 18, seed: 'again' };
const CALM: Fate = () => undefined;

/** What one run leaves, its outputs so many times one after the other. */
const repeated = ({ outputs, ...one }: Outcome, times: number): Outcome => ({
  ...one,
  outputs: Object.fromEntries(
    Object.entries(outputs).map(([name, values]) => [
      name,
      Array.from({ length: times }, () => values).flat(),
    ]),
  ),
  outputCount: one.outputCount * times,
  deadLetterCount: one.deadLetterCount * times,
});

const strikes = {
  error: (point: FaultPoint) => {
    throw new LogError('LOG_OUTCOME_UNKNOWN', point.call, { retriable: true });
  },
  kill: (_: FaultPoint, hand: Hand) => hand.kill(false),
  'kill and clear': (_: FaultPoint, hand: Hand) => hand.kill(true),
};

describe('a task that begins again in place', () => {
  it('leaves all of its results once more, and the state of a single run', async () => {
    const once = await runLives({ ...RUN, fate: CALM });
    const again = await runLives({ ...RUN, fate: CALM, beginsAgain: true });
    expect(once.outputCount).toBeGreaterThan(RUN.count);
    expect(Object.keys(once.state).length).toBeGreaterThan(RUN.partitions * 6);
    expect(again).toEqual(repeated(once, 2));
  });

  it.each(['error', 'kill', 'kill and clear'] as const)(
    'does so wherever it fails on the way: %s',
    { timeout: 120_000 },
    async (kind) => {
      const expected = repeated(await runLives({ ...RUN, fate: CALM }), 2);
      const points: string[] = [];
      const note: Fate = ({ call, moment, subject }) =>
        void points.push(`${moment} ${call} of ${subject}`);
      await runLives({ ...RUN, fate: note, beginsAgain: true });
      const random = seededRandom(kind);
      let struck = 0;
      // The first calls of each task take the replay up; of what follows some will do.
      for (const [index, name] of points.entries()) {
        if (index > 60 && random.next() > 0.1) continue;
        let passed = 0;
        let isStruck = false;
        const fate: Fate = (point, hand) => {
          if (isStruck || passed++ !== index) return;
          isStruck = true;
          struck += 1;
          strikes[kind](point, hand);
        };
        expect(await runLives({ ...RUN, fate, beginsAgain: true }), name).toEqual(expected);
      }
      expect(struck).toBeGreaterThan(60);
    },
  );

  it('takes a disk for what it is that remembers what was before', async () => {
    const log = memoryLog({ clock: systemClock });
    const registry = memoryRegistry();
    const { partitions } = RUN;
    const run = { log, registry, partitions };
    const [before, after] = [memoryStoreFolder(), memoryStoreFolder()];
    await feedTally(log, RUN);
    await (await runTally({ ...run, stores: before, ends: await endsOf(log) })).stop();
    await beginTallyAgain(run);
    await (await runTally({ ...run, stores: after, ends: await endsOf(log) })).stop();
    const expected = await outcomeOf(log, run);
    await (await runTally({ ...run, stores: before, ends: await endsOf(log) })).stop();
    expect(await outcomeOf(log, run)).toEqual(expected);
    // With nothing to read again there is nothing that it could remember.
    expect(await storedTally(before, partitions)).not.toEqual([]);
    await beginTallyAgain(run, await endsOf(log));
    await (await runTally({ ...run, stores: before, ends: await endsOf(log) })).stop();
    const kept = await storedTally(before, partitions);
    expect(kept.map((line) => line.split('@')[0])).toEqual(['0/settings', '1/settings']);
    expect(Object.keys((await outcomeOf(log, run)).state)).toHaveLength(kept.length);
  });

  it('goes on from there like any other', async () => {
    const log = memoryLog({ clock: systemClock });
    const registry = memoryRegistry();
    const { partitions } = RUN;
    const run = { log, registry, partitions };
    const before = memoryStoreFolder();
    await feedTally(log, RUN);
    await (await runTally({ ...run, stores: before, ends: await endsOf(log) })).stop();
    await beginTallyAgain(run);
    await (await runTally({ ...run, stores: memoryStoreFolder(), ends: await endsOf(log) })).stop();
    await feedTally(log, { ...RUN, seed: 'more' });
    await (await runTally({ ...run, stores: before, ends: await endsOf(log) })).stop();

    const calm = memoryLog({ clock: systemClock });
    const other = { log: calm, registry, partitions, stores: memoryStoreFolder() };
    await feedTally(calm, RUN);
    await (await runTally({ ...other, ends: await endsOf(calm) })).stop();
    await feedTally(calm, { ...RUN, seed: 'more' });
    await (await runTally({ ...other, ends: await endsOf(calm) })).stop();
    expect((await outcomeOf(log, run)).state).toEqual((await outcomeOf(calm, run)).state);
  });
});
