import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { SeededRandom } from '../../src/core/random.ts';
import { TidecastProcess } from './tidecast-process.ts';

export interface KilledRuns {
  readonly folder: string;
  readonly args: readonly string[];
  readonly kills: number;
  readonly random: SeededRandom;
  /** Whether the stores are still there after a kill. */
  readonly keepsStores: () => boolean;
}

/** Node needs this long before a run has opened anything. */
const STARTED_MS = 600;
const SPAN_MS = 1_500;

/** Kills one run after the other at random instants, or stops when one ends before it is killed. */
export const killRuns = async ({ folder, args, ...given }: KilledRuns): Promise<number> => {
  const { random, keepsStores } = given;
  let kills = 0;
  while (kills < given.kills) {
    const running = new TidecastProcess(args, folder);
    const ended = await Promise.race([
      running.ended,
      wait(STARTED_MS + random.int(SPAN_MS), undefined),
    ]);
    if (ended !== undefined) break;
    running.kill('SIGKILL');
    await running.ended;
    kills += 1;
    const stores = join(folder, 'data', 'stores');
    if (!keepsStores()) await rm(stores, { recursive: true, force: true });
  }
  return kills;
};
