import { setTimeout as wait } from 'node:timers/promises';
import type { SeededRandom } from '../../src/core/random.ts';
import type { TidecastProcess } from '../support/tidecast-process.ts';
import type { FlightsApplication } from './flights-application.ts';
import type { Ground } from './ground.ts';

export interface StormOptions {
  readonly kills: number;
  readonly random: SeededRandom;
  /** Hears of each round that is through. */
  readonly onRound?: (round: Round) => void;
}

/** What befell one application, from its first event to its last. */
export interface Round {
  readonly name: string;
  readonly kills: number;
  /** Kills after which a new machine went on, with an empty disk. */
  readonly wiped: number;
  /** Whether another worker lived all the while. */
  readonly hasRival: boolean;
  /** Kills that left a transaction undecided. */
  readonly open: number;
  /** Kills before the process had any of its tasks. */
  readonly early: number;
  /** What is wrong, in words; undefined: nothing. */
  readonly verdict: string | undefined;
}

interface Tally {
  kills: number;
  wiped: number;
  open: number;
  early: number;
}

/** Node needs this long before a process has opened anything. */
const STARTED_MS = 500;
const START_SPAN_MS = 1_500;
const WORK_SPAN_MS = 1_200;
const EARLY = 0.25;
const WIPED = 0.5;
const RIVALS = 0.4;
const ACQUIRED = 'task-acquired';

/** Waits for the instant of a kill, while the process starts or once its work is there. */
const instantIn = async (
  life: TidecastProcess,
  random: SeededRandom,
  feed: () => Promise<void>,
): Promise<void> => {
  if (random.next() < EARLY) {
    await feed();
    await wait(STARTED_MS + random.int(START_SPAN_MS));
    return;
  }
  await life.saysOrEnds(new RegExp(ACQUIRED));
  await feed();
  await wait(random.int(WORK_SPAN_MS));
};

/** Whether any task has a transaction that nobody has decided. */
const hasOpen = async (
  { opened }: Ground,
  { changelogs }: FlightsApplication,
): Promise<boolean> => {
  const topics = await opened.log.topics();
  return topics.some(
    ({ definition, offsets }) =>
      changelogs.includes(definition.name) && offsets.some(({ stableEnd, end }) => stableEnd < end),
  );
};

const killOnce = async (
  ground: Ground,
  flights: FlightsApplication,
  { random, feed, tally }: { random: SeededRandom; feed: () => Promise<void>; tally: Tally },
): Promise<void> => {
  const life = await flights.start('disk');
  await instantIn(life, random, feed);
  life.kill('SIGKILL');
  const { signal, err } = await life.ended;
  if (signal !== 'SIGKILL') throw new Error(`a process ended by itself: ${err}`);
  tally.kills += 1;
  if (!err.includes(ACQUIRED)) tally.early += 1;
  if (await hasOpen(ground, flights)) tally.open += 1;
  if (random.next() >= WIPED) return;
  tally.wiped += 1;
  await flights.wipe('disk');
};

const weather = async (
  ground: Ground,
  name: string,
  { kills, random }: StormOptions,
): Promise<Round> => {
  const { slices, opened } = ground;
  const flights = ground.application(name);
  const tally: Tally = { kills: 0, wiped: 0, open: 0, early: 0 };
  await flights.feed(opened.log, slices[0] ?? []);
  const hasRival = random.next() < RIVALS;
  const rival = hasRival ? await flights.start('rival') : undefined;
  for (const [index, slice] of slices.entries()) {
    const feed = async (): Promise<void> => {
      if (index > 0) await flights.feed(opened.log, slice);
    };
    if (index < kills) await killOnce(ground, flights, { random, feed, tally });
    else await feed();
  }
  await rival?.stop();
  await flights.finish('disk');
  return { name, hasRival, ...tally, verdict: await ground.verdictOn(flights) };
};

/**
 * Kills processes at random instants, so many in all, a slice of the events for each: when all are
 * fed, the application is run to its end and judged, and another one begins.
 */
export const storm = async (ground: Ground, options: StormOptions): Promise<readonly Round[]> => {
  const rounds: Round[] = [];
  let killed = 0;
  while (killed < options.kills) {
    const kills = options.kills - killed;
    const round = await weather(ground, `storm${rounds.length + 1}`, { ...options, kills });
    rounds.push(round);
    options.onRound?.(round);
    killed += round.kills;
  }
  return rounds;
};
