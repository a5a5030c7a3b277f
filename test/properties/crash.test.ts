import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../src/core/random.ts';
import { LogError } from '../../src/log/errors.ts';
import type { FaultPoint } from '../../src/log/memory/faults.ts';
import type { Outcome } from '../support/tally-run.ts';
import { runLives, type Fate, type Hand } from '../support/tally-lives.ts';

const RUN = { partitions: 2, count: 18, seed: 'crash' };

const CALM: Fate = () => undefined;
const KINDS = ['error', 'timeOut', 'kill', 'kill and clear'] as const;
type Kind = (typeof KINDS)[number];

const nameOf = ({ call, moment, subject }: FaultPoint): string => `${moment} ${call} of ${subject}`;

const strike = (kind: Kind, point: FaultPoint, hand: Hand): void => {
  if (kind === 'error') {
    throw new LogError('LOG_OUTCOME_UNKNOWN', nameOf(point), { retriable: true });
  }
  if (kind === 'timeOut') point.timeOut();
  else hand.kill(kind === 'kill and clear');
};

/** Every point that a calm run passes, with how often it passed the same one before. */
const pointsOfCalmRun = async (): Promise<{ name: string; nth: number }[]> => {
  const seen = new Map<string, number>();
  const points: { name: string; nth: number }[] = [];
  await runLives({
    ...RUN,
    fate: (point) => {
      const name = nameOf(point);
      const nth = seen.get(name) ?? 0;
      seen.set(name, nth + 1);
      points.push({ name, nth });
    },
  });
  return points;
};

/** The fate that strikes once, at the nth pass of one point. */
const once = (kind: Kind, at: { name: string; nth: number }): Fate & { struck: boolean } => {
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
      for (const point of points) {
        const fate = once(kind, point);
        expect(await runLives({ ...RUN, fate }), `${kind} ${point.name} #${point.nth}`).toEqual(
          calm,
        );
        struck += fate.struck ? 1 : 0;
      }
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
