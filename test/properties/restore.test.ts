import { describe, expect, it } from 'vitest';
import { systemClock } from '../../src/core/clock.ts';
import { memoryLog } from '../../src/log/memory/memory-log.ts';
import { memoryStoreFolder } from '../../src/state/memory/memory-store.ts';
import { storedTally } from '../support/tally-outcome.ts';
import {
  CHANGELOG,
  endsOf,
  feedTally,
  memoryRegistry,
  runTally,
  type TallyProcess,
} from '../support/tally-run.ts';

const PARTITIONS = 2;

const fed = async (): Promise<
  Omit<TallyProcess, 'stores'> & {
    readonly ends: ReadonlyMap<string, number>;
    readonly compact: () => void;
  }
> => {
  const log = memoryLog({ clock: systemClock });
  await feedTally(log, { partitions: PARTITIONS, count: 120, seed: 'restore' });
  return {
    log,
    ends: await endsOf(log),
    partitions: PARTITIONS,
    registry: memoryRegistry(),
    compact: () => {
      log.compact(CHANGELOG);
    },
  };
};

describe('a store rebuilt from its changelog', () => {
  it.each(['whole', 'compacted'])('equals the store that wrote it: %s', async (changelog) => {
    const { compact, ...run } = await fed();
    const written = memoryStoreFolder();
    await (await runTally({ ...run, stores: written })).stop();
    if (changelog === 'compacted') compact();
    const rebuilt = memoryStoreFolder();
    const again = await runTally({ ...run, stores: rebuilt });
    await again.stop();
    const lines = await storedTally(written, PARTITIONS);
    expect(await storedTally(rebuilt, PARTITIONS)).toEqual(lines);
    expect(lines.length).toBeGreaterThan(PARTITIONS * 10);
    // It was rebuilt, not run again.
    expect(again.tasks.map(({ commits }) => commits)).toEqual([0, 0]);
  });
});
