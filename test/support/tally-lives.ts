import { systemClock } from '../../src/core/clock.ts';
import type { FaultPoint } from '../../src/log/memory/faults.ts';
import { memoryLog } from '../../src/log/memory/memory-log.ts';
import type { StoreFolder } from '../../src/state/store.ts';
import { memoryStoreFolder } from '../../src/state/memory/memory-store.ts';
import { MortalProcess } from './mortal-process.ts';
import { outcomeOf, type Outcome } from './tally-outcome.ts';
import {
  beginTallyAgain,
  endsOf,
  feedTally,
  memoryRegistry,
  runTally,
  type RunOptions,
} from './tally-run.ts';

/** What may befall a run at a point of the log's port. */
export interface Hand {
  /** Ends the process there and then; it is started again, on an empty disk if `clear`. */
  kill(clear: boolean): void;
}

export type Fate = (point: FaultPoint, hand: Hand) => void;

export interface LivesOptions {
  readonly partitions: number;
  /** Records of each partition. */
  readonly count: number;
  readonly seed: string;
  readonly fate: Fate;
  /** Lets it run to the end first, calmly, and begin again in place: the fate is of the rest. */
  readonly beginsAgain?: boolean;
  readonly limits?: RunOptions['limits'];
}

const LIVES_MAX = 200;

/** Runs one process to the end, or until it dies; true: it came to the end. */
const live = async (
  process: MortalProcess,
  options: Omit<RunOptions, 'log' | 'stores'>,
): Promise<boolean> => {
  const run = async (): Promise<boolean> => {
    const worker = await runTally({ ...options, log: process.log, stores: process.stores });
    await worker.stop();
    return true;
  };
  const died = process.died.then(() => false);
  return Promise.race([run(), died]);
};

/** Runs the tally on a memory log under a fate, started again as often as it dies, to its end. */
export const runLives = async ({
  partitions,
  count,
  seed,
  fate,
  beginsAgain = false,
  limits,
}: LivesOptions): Promise<Outcome> => {
  const state: { isArmed: boolean; process?: MortalProcess } = { isArmed: false };
  const folder = memoryStoreFolder();
  const stores: StoreFolder = folder;
  const hand: Hand = {
    kill: (clear) => {
      if (clear) folder.clear();
      void state.process?.kill();
      throw new Error('killed');
    },
  };
  const log = memoryLog({
    clock: systemClock,
    faults: (point) => {
      if (state.isArmed) fate(point, hand);
    },
  });
  const registry = memoryRegistry();
  await feedTally(log, { partitions, count, seed });
  const ends = await endsOf(log);
  const options = { partitions, registry, ends, ...(limits === undefined ? {} : { limits }) };
  if (beginsAgain) {
    await (await runTally({ ...options, log, stores })).stop();
    await beginTallyAgain({ log, partitions, registry });
  }
  for (let lives = 0; lives < LIVES_MAX; lives += 1) {
    state.process = new MortalProcess(log, stores);
    state.isArmed = true;
    try {
      if (await live(state.process, options)) break;
    } catch (error) {
      // A start that failed is tried again, as a service manager would.
      if (lives === LIVES_MAX - 1) throw error;
    }
  }
  state.isArmed = false;
  return outcomeOf(log, { partitions, registry });
};
