import { describe, expect, it } from 'vitest';
import { systemClock } from '../../src/core/clock.ts';
import { memoryLog } from '../../src/log/memory/memory-log.ts';
import { memoryStoreFolder } from '../../src/state/memory/memory-store.ts';
import type { StoreFolder } from '../../src/state/store.ts';
import {
  CHANGELOG,
  endsOf,
  feedTally,
  memoryRegistry,
  runTally,
  type TallyProcess,
} from '../support/tally-run.ts';
import { STREAM } from '../support/tally-topology.ts';

const PARTITIONS = 2;

/** Everything in the stores of all tasks, as text. */
const contentsOf = async (stores: StoreFolder): Promise<string[]> => {
  const lines: string[] = [];
  for (let partition = 0; partition < PARTITIONS; partition += 1) {
    const store = await stores.open(['test', STREAM, 'tally', String(partition)]);
    for await (const [key, value] of store.entries()) {
      lines.push(`${partition}/${key}=${value.toString('hex')}`);
    }
    await store.close();
  }
  return lines.sort();
};

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
    const lines = await contentsOf(written);
    expect(await contentsOf(rebuilt)).toEqual(lines);
    expect(lines.length).toBeGreaterThan(PARTITIONS * 10);
    // It was rebuilt, not run again.
    expect(again.tasks.map(({ commits }) => commits)).toEqual([0, 0]);
  });
});
