import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../src/core/random.ts';
import { NO_EPISODE, stepEpisode, type Episode } from '../../src/drift/episodes.ts';
import { referenceIndependence, shiftTest } from '../../src/drift/shift-test.ts';
import { FINDING_POLICY, tickFindings } from '../../src/drift/tick-findings.ts';
import { autoregression } from '../support/autoregression.ts';

const DAY = 24;
const WEEK = 7 * DAY;
const REFERENCE = 10 * WEEK;
const SERIES = 20;
const WEEKS = 26;
const FALSE_EPISODES_PER_YEAR_MAX = 1;

interface Watched {
  readonly opened: number;
  readonly seriesYears: number;
  readonly ticks: number;
  /** Days from the shift to the first opening, by series that had one. */
  readonly delays: readonly number[];
}

interface Panel {
  readonly errors: readonly Float64Array[];
  /** Hour at which errors shift; beyond the end: never. */
  readonly shiftAt: number;
}

const planted = (phi: number, shift: number, weeks = WEEKS): Panel => {
  const random = seededRandom(`drift ${phi} ${shift}`);
  const length = REFERENCE + (1 + weeks) * WEEK;
  const shiftAt = shift === 0 ? length : REFERENCE + 5 * WEEK;
  const errors = Array.from({ length: SERIES }, () =>
    autoregression(random, { length, phi }).map((error, hour) =>
      hour >= shiftAt ? error + shift : error,
    ),
  );
  return { errors, shiftAt };
};

/** Daily ticks over all series together, as summary makes them. */
const watch = ({ errors, shiftAt }: Panel): Watched => {
  const length = errors[0]?.length ?? 0;
  const episodes: Episode[] = errors.map(() => NO_EPISODE);
  const delays = new Map<number, number>();
  let [opened, ticks] = [0, 0];
  for (let end = REFERENCE + WEEK; end <= length; end += DAY) {
    const tests = errors.map((series) => {
      const reference = series.subarray(end - WEEK - REFERENCE, end - WEEK);
      const worth = referenceIndependence(reference, WEEK);
      return shiftTest(reference, series.subarray(end - WEEK, end), worth);
    });
    ticks += tests.length;
    for (const [index, { isFlagged, isWorse }] of tickFindings(
      tests,
      FINDING_POLICY,
    ).series.entries()) {
      const finding = { tick: (end / DAY) * 86_400_000, isFlagged, isWorse };
      const step = stepEpisode(episodes[index] ?? NO_EPISODE, finding);
      episodes[index] = step.episode;
      if (step.episode.openedAt !== finding.tick) continue;
      opened += 1;
      if (end > shiftAt && !delays.has(index)) delays.set(index, (end - shiftAt) / DAY);
    }
  }
  return {
    opened,
    ticks,
    seriesYears: ticks / 365,
    delays: [...delays.values()].sort((one, other) => one - other),
  };
};

describe('drift alarms', () => {
  it.each([0, 0.5, 0.8, 0.95])(
    'stay within one false episode per series and year on unchanged errors, AR(1) of %f',
    (phi) => {
      const { opened, seriesYears, ticks } = watch(planted(phi, 0));
      expect(ticks).toBeGreaterThan(3_000);
      expect(opened / seriesYears).toBeLessThanOrEqual(FALSE_EPISODES_PER_YEAR_MAX);
    },
  );

  it.each([
    [0, 1],
    [0.5, 1],
    [0.8, 1.5],
  ])('find a planted shift within two weeks, AR(1) of %f, by %f deviations', (phi, shift) => {
    const { delays } = watch(planted(phi, shift, 9));
    const inTime = delays.filter((days) => days <= 14);
    expect(inTime.length).toBeGreaterThanOrEqual(SERIES * 0.8);
  });
});
