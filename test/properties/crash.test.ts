import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../src/core/random.ts';
import { LogError } from '../../src/log/errors.ts';
import type { FaultPoint, LogCall } from '../../src/log/memory/faults.ts';
import type { Outcome } from '../support/tally-outcome.ts';
import { runLives, type Fate, type Hand } from '../support/tally-lives.ts';

const RUN = { partitions: 2, count: 18, seed: 'crash' };

const CALM: Fate = () => undefined;
const KINDS = ['error', 'timeOut', 'kill', 'kill and clear'] as const;
type Kind = (typeof KINDS)[number];

/**
 * Every call of the port but `abort`: after any error the engine drops its producer and asks the
 * log, so it never calls that one. Were it to, this list would not do.
 */
const CALLS: readonly LogCall[] = [
  'begin',
  'close',
  'commit',
  'commitOffsets',
  'ensureTopics',
  'groupOffsets',
  'join',
  'more',
  'offsets',
  'poll',
  'producer',
  'send',
  'sync',
  'topics',
];

const nameOf = ({ call, moment, subject }: FaultPoint): string => `${moment} ${call} of ${subject}`;

const strike = (kind: Kind, point: FaultPoint, hand: Hand): void => {
  if (kind === 'error') {
    throw new LogError('LOG_OUTCOME_UNKNOWN', nameOf(point), { retriable: true });
  }
  if (kind === 'timeOut') point.timeOut();
  else hand.kill(kind === 'kill and clear');
};

interface Pass {
  readonly call: LogCall;
  readonly name: string;
  /** How often the run had passed the same point before. */
  readonly nth: number;
}

/** Every point that a calm run passes. */
const pointsOfCalmRun = async (): Promise<Pass[]> => {
  const seen = new Map<string, number>();
  const points: Pass[] = [];
  await runLives({
    ...RUN,
    fate: (point) => {
      const name = nameOf(point);
      const nth = seen.get(name) ?? 0;
      seen.set(name, nth + 1);
      points.push({ call: point.call, name, nth });
    },
  });
  return points;
};

/** The fate that strikes once, at the nth pass of one point. */
const once = (kind: Kind, at: Pass): Fate & { struck: boolean } => {
  let passed = 0;
  const fate = Object.assign(
    (point: FaultPoint, hand: Hand): void => {
      if (fate.struck || nameOf(point) !== at.name) return;
      passed += 1;
      if (passed <= at.nth) return;
      fate.struck = true;
      strike(kind, point, hand);
    },
    { struck: false },
  );
  return fate;
};

const refuseVacuous = ({ outputCount, deadLetterCount, state, progress }: Outcome): void => {
  expect(outputCount).toBeGreaterThan(RUN.count);
  expect(deadLetterCount).toBeGreaterThan(2);
  expect(Object.keys(state).length).toBeGreaterThan(RUN.partitions * 6);
  expect(progress).toHaveLength(RUN.partitions);
};

describe('crashing', () => {
  it.each(KINDS)(
    'is invisible at every call of the log: %s',
    async (kind) => {
      const calm = await runLives({ ...RUN, fate: CALM });
      refuseVacuous(calm);
      const points = await pointsOfCalmRun();
      let struck = 0;
      const passed = new Set<LogCall>();
      const calls = new Set<LogCall>();
      for (const point of points) {
        const fate = once(kind, point);
        const noted: Fate = (at, hand) => {
          passed.add(at.call);
          fate(at, hand);
        };
        const outcome = await runLives({ ...RUN, fate: noted });
        expect(outcome, `${kind} ${point.name} #${point.nth}`).toEqual(calm);
        if (!fate.struck) continue;
        struck += 1;
        calls.add(point.call);
      }
      expect([...calls].sort()).toEqual(CALLS);
      expect([...passed].sort()).toEqual(CALLS);
      // The last polls of a calm run depend on its timing, so that another run may end before them.
      expect(points.length).toBeGreaterThan(200);
      expect(struck).toBeGreaterThan(points.length * 0.9);
    },
    120_000,
  );

  it.each(Array.from({ length: 40 }, (_, index) => `storm ${index}`))(
    'is invisible however often it comes: %s',
    async (seed) => {
      const calm = await runLives({ ...RUN, fate: CALM });
      refuseVacuous(calm);
      const random = seededRandom(seed);
      let struck = 0;
      const fate: Fate = (point, hand) => {
        if (struck >= 25 || random.next() > 0.1) return;
        struck += 1;
        strike(KINDS[random.int(KINDS.length)] ?? 'error', point, hand);
      };
      expect(await runLives({ ...RUN, fate }), seed).toEqual(calm);
      expect(struck).toBeGreaterThan(10);
    },
  );
});
