import type { SeededRandom } from '../../src/core/random.ts';
import type { ModelRef } from '../../src/schemas/forecast.ts';
import type { Score, ScoredStep } from '../../src/schemas/score.ts';

export const LEVELS = Float64Array.of(80, 95);
export const NAIVE_NAMES: readonly string[] = ['naive-24', 'slot-mean'];
export const CHAMPION: ModelRef = { name: 'm', version: '1', sha256: 'aa', role: 'champion' };

/** A score with nothing special about it, but for what a test names. */
export const scoreOf = (given: Partial<Score> = {}): Score => ({
  seriesId: 'a',
  target: 0,
  actual: 10,
  revision: 0,
  supersededActual: null,
  model: CHAMPION,
  levels: LEVELS,
  naiveNames: NAIVE_NAMES,
  steps: [stepOf()],
  ...given,
});

export const stepOf = (given: Partial<ScoredStep> = {}): ScoredStep => ({
  step: 1,
  mean: 12,
  lower: Float32Array.of(9, 8),
  upper: Float32Array.of(15, 16),
  naive: Float32Array.of(13, 14),
  scale: 2,
  ...given,
});

export interface RandomScoreOptions {
  readonly horizon: number;
  /** Powers of two over which values spread; 0: all of one size. */
  readonly spread?: number;
}

/**
 * A step of random values, now and then with an opponent that has nothing to say or without a
 * scale.
 */
export const randomStep = (
  random: SeededRandom,
  { step, spread = 0 }: { readonly step: number; readonly spread?: number },
): ScoredStep => {
  const mean = randomValue(random, spread);
  return {
    step,
    mean,
    lower: Float32Array.of(mean - random.next(), mean - 2 * random.next()),
    upper: Float32Array.of(mean + random.next(), mean + 2 * random.next()),
    naive: Float32Array.from(NAIVE_NAMES, () =>
      random.int(20) === 0 ? Number.NaN : randomValue(random, Math.min(spread, 100)),
    ),
    scale: random.int(20) === 0 ? 0 : Math.fround(0.1 + random.next()),
  };
};

const randomValue = (random: SeededRandom, spread: number): number =>
  random.int(30) === 0 ? 0 : random.normal() * 2 ** (random.int(2 * spread + 1) - spread);

export const randomScore = (random: SeededRandom, options: RandomScoreOptions): Score => {
  const { horizon, spread = 0 } = options;
  const steps: ScoredStep[] = [];
  for (let step = 1; step <= horizon; step += 1) {
    if (random.int(8) !== 0) steps.push(randomStep(random, { step, spread }));
  }
  return scoreOf({ actual: randomValue(random, spread), steps });
};
