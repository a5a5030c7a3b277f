import { existsSync, statSync } from 'node:fs';
import { cp, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { systemClock } from '../../src/core/clock.ts';
import type { SeededRandom } from '../../src/core/random.ts';
import { openEmbeddedLog } from '../../src/log/embedded/embedded-log.ts';
import { TidecastProcess } from './tidecast-process.ts';

/** When a run is killed. */
export type Aim =
  /** At any instant of its first seconds. */
  | { readonly type: 'start' }
  /** At any instant of a span that begins when it writes to one of these topics. */
  | { readonly type: 'work'; readonly topics: readonly string[]; readonly spanMs: number };

export interface KilledRuns {
  readonly folder: string;
  readonly args: readonly string[];
  /** One for each kill. */
  readonly aims: readonly Aim[];
  readonly random: SeededRandom;
  /** Whether the stores are still there after a kill. */
  readonly keepsStores: () => boolean;
  /** Called after each kill with a data folder that holds a copy of the log as it was left. */
  readonly onKill?: (data: string) => Promise<void>;
}

export interface Kill {
  readonly aim: Aim;
  /** Topics to which the run had committed records since the kill before. */
  readonly grew: ReadonlySet<string>;
}

/** Node needs this long before a run has opened anything. */
const STARTED_MS = 600;
const START_SPAN_MS = 1_500;
const LOOK_MS = 15;

const sizeOf = async (folder: string, topics: readonly string[]): Promise<number> => {
  let bytes = 0;
  for (const topic of topics) {
    const path = join(folder, 'data', 'log', 'topics', topic);
    if (!existsSync(path)) continue;
    for (const name of await readdir(path, { recursive: true })) {
      // Cleanup may have taken it since.
      const found = statSync(join(path, name), { throwIfNoEntry: false });
      bytes += found?.isFile() === true ? found.size : 0;
    }
  }
  return bytes;
};

/** Resolves at the instant that is aimed at, or when the signal aborts. */
const instantOf = async (
  aim: Aim,
  { folder, random }: Pick<KilledRuns, 'folder' | 'random'>,
  signal: AbortSignal,
): Promise<undefined> => {
  if (aim.type === 'start') {
    await wait(STARTED_MS + random.int(START_SPAN_MS));
    return;
  }
  const restMs = random.int(aim.spanMs);
  // What the last kill left half written is cut first, so that the least size is where it begins.
  let least = Infinity;
  while (!signal.aborted) {
    const size = await sizeOf(folder, aim.topics);
    if (size > least) break;
    least = size;
    await wait(LOOK_MS);
  }
  await wait(restMs);
};

/** A copy of the log as a kill left it: opening it is the next run's part, since it repairs. */
const withCopy = async <T>(folder: string, use: (data: string) => Promise<T>): Promise<T> => {
  const data = await mkdtemp(join(tmpdir(), 'tidecast-'));
  try {
    await cp(join(folder, 'data', 'log'), join(data, 'log'), { recursive: true });
    return await use(data);
  } finally {
    await rm(data, { recursive: true, force: true });
  }
};

type Ends = ReadonlyMap<string, number>;

/** How many offsets of each topic are committed. */
const committedEnds = async (data: string): Promise<Ends> => {
  const folder = join(data, 'log');
  const log = await openEmbeddedLog({ folder, clock: systemClock });
  const ends = new Map<string, number>();
  for (const { definition, offsets } of await log.topics()) {
    ends.set(
      definition.name,
      offsets.reduce((sum, { stableEnd }) => sum + stableEnd, 0),
    );
  }
  await log.close();
  return ends;
};

const grownBetween = (before: Ends, after: Ends): ReadonlySet<string> =>
  new Set([...after].filter(([name, end]) => end > (before.get(name) ?? 0)).map(([name]) => name));

/** Kills one run after the other, or stops when one ends before it is killed. */
export const killRuns = async ({
  folder,
  args,
  aims,
  onKill,
  ...given
}: KilledRuns): Promise<readonly Kill[]> => {
  const kills: Kill[] = [];
  let ends = await withCopy(folder, committedEnds);
  for (const aim of aims) {
    const running = new TidecastProcess(args, folder);
    const over = new AbortController();
    const { random } = given;
    const instant = instantOf(aim, { folder, random }, over.signal);
    const ended = await Promise.race([running.ended, instant]);
    over.abort();
    if (ended !== undefined) break;
    running.kill('SIGKILL');
    await running.ended;
    const before = ends;
    ends = await withCopy(folder, async (data) => {
      const after = await committedEnds(data);
      await onKill?.(data);
      return after;
    });
    kills.push({ aim, grew: grownBetween(before, ends) });
    const stores = join(folder, 'data', 'stores');
    if (!given.keepsStores()) await rm(stores, { recursive: true, force: true });
  }
  return kills;
};
