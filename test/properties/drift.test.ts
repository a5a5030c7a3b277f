import { describe, expect, it } from 'vitest';
import { DAY_MS } from '../../src/core/duration.ts';
import { parseFrequency } from '../../src/core/frequency.ts';
import { seededRandom } from '../../src/core/random.ts';
import { driftWindows } from '../../src/drift/drift-windows.ts';
import { NO_EPISODE, stepEpisode, type Episode } from '../../src/drift/episodes.ts';
import { referenceIndependence, shiftTest } from '../../src/drift/shift-test.ts';
import { tickFindings } from '../../src/drift/tick-findings.ts';
import { autoregression } from '../support/autoregression.ts';

const SERIES = 20;
const WEEKS = 26;
const FALSE_EPISODES_PER_YEAR_MAX = 1;
/** Of those that are confirmed, which people and the retraining policy are told of. */
const FALSE_ALARMS_PER_YEAR_MAX = 0.3;

/** Errors of some series that are judged together, as those of one stream are. */
interface Panel {
  readonly frequency: string;
  readonly horizon: number;
  readonly errors: readonly Float64Array[];
  /** Period at which errors change; beyond the end: never. */
  readonly changeAt: number;
}

interface Watched {
  readonly opened: number;
  readonly confirmed: number;
  readonly seriesYears: number;
  readonly ticks: number;
  /** Days from the change to the first opening, by series that had one. */
  readonly delays: readonly number[];
}

const HOURLY = { frequency: '1h', horizon: 24 };
const DAY = 24;
const WEEK = 7 * DAY;
const REFERENCE = 10 * WEEK;

const planted = (
  phi: number,
  change: (error: number) => number = (error) => error,
  weeks = WEEKS,
): Panel => {
  const random = seededRandom(`drift ${phi} ${change(0)} ${weeks}`);
  const length = REFERENCE + (1 + weeks) * WEEK;
  const changeAt = change(1) === 1 ? length : REFERENCE + 5 * WEEK;
  const errors = Array.from({ length: SERIES }, () =>
    autoregression(random, { length, phi }).map((error, hour) =>
      hour >= changeAt ? change(error) : error,
    ),
  );
  return { ...HOURLY, errors, changeAt };
};

/** Unchanged errors of a walk's forecasts: neighbours share all surprises but those of a period. */
const walked = (frequency: string, horizon: number, periods: number): Panel => {
  const random = seededRandom(`walk ${frequency} ${horizon}`);
  const { step } = driftWindows(parseFrequency(frequency), horizon);
  const shocks = Float64Array.from({ length: periods + step }, () => random.normal());
  const errors = Float64Array.from({ length: periods }, (_, at) =>
    shocks.subarray(at, at + step).reduce((sum, shock) => sum + shock, 0),
  );
  return { frequency, horizon, errors: [errors], changeAt: periods };
};

/** Ticks as summary makes them: daily, or once a period where that is longer. */
const watch = ({ frequency, horizon, errors, changeAt }: Panel): Watched => {
  const { nominalMs } = parseFrequency(frequency);
  const { unit, referenceUnits, recentUnits, season } = driftWindows(
    parseFrequency(frequency),
    horizon,
  );
  const [before, recent] = [referenceUnits * unit, recentUnits * unit];
  const every = Math.max(1, DAY_MS / nominalMs);
  const length = errors[0]?.length ?? 0;
  const episodes: Episode[] = errors.map(() => NO_EPISODE);
  const delays = new Map<number, number>();
  let [opened, confirmed, ticks] = [0, 0, 0];
  for (let end = before + recent; end <= length; end += every) {
    const tests = errors.map((series) => {
      const reference = series.subarray(end - recent - before, end - recent);
      const worth = referenceIndependence(reference, season);
      const test = shiftTest(reference, series.subarray(end - recent, end), worth);
      return { ...test, referenceLoss: test.reference.loss, recentLoss: test.recent.loss };
    });
    ticks += tests.length;
    for (const [index, { isFlagged, isWorse }] of tickFindings(tests).series.entries()) {
      const finding = { tick: end * nominalMs, isFlagged, isWorse };
      const step = stepEpisode(episodes[index] ?? NO_EPISODE, finding);
      episodes[index] = step.episode;
      if (step.reached === 'confirmed') confirmed += 1;
      if (step.episode.openedAt !== finding.tick) continue;
      opened += 1;
      const delay = ((end - changeAt) * nominalMs) / DAY_MS;
      if (delay > 0 && !delays.has(index)) delays.set(index, delay);
    }
  }
  return {
    opened,
    confirmed,
    ticks,
    seriesYears: (ticks * every * nominalMs) / (365 * DAY_MS),
    delays: [...delays.values()].sort((one, other) => one - other),
  };
};

describe('drift alarms', () => {
  it.each([0, 0.5, 0.8, 0.95])(
    'stay within one false episode per series and year on unchanged errors, AR(1) of %f',
    (phi) => {
      const { opened, confirmed, seriesYears, ticks } = watch(planted(phi));
      expect(ticks).toBeGreaterThan(3_000);
      expect(opened / seriesYears).toBeLessThanOrEqual(FALSE_EPISODES_PER_YEAR_MAX);
      expect(confirmed / seriesYears).toBeLessThanOrEqual(FALSE_ALARMS_PER_YEAR_MAX);
    },
  );

  it.each([
    [0, 1],
    [0.5, 1],
    [0.8, 1.5],
  ])('find a planted shift within two weeks, AR(1) of %f, by %f deviations', (phi, shift) => {
    const { delays } = watch(planted(phi, (error) => error + shift, 9));
    const inTime = delays.filter((days) => days <= 14);
    expect(inTime.length).toBeGreaterThanOrEqual(SERIES * 0.8);
  });

  it.each([
    ['1w', 8],
    ['1w', 13],
    ['1d', 7],
    ['1d', 14],
    ['1d', 28],
    ['1mo', 12],
  ])(
    'stay within it on errors of a walk, in periods of %s, up to %i ahead',
    (frequency, horizon) => {
      const perYear = (365 * DAY_MS) / parseFrequency(frequency).nominalMs;
      const { opened, confirmed, seriesYears } = watch(
        walked(frequency, horizon, Math.round(100 * perYear)),
      );
      expect(seriesYears).toBeGreaterThan(90);
      expect(opened / seriesYears).toBeLessThanOrEqual(FALSE_EPISODES_PER_YEAR_MAX);
      expect(confirmed / seriesYears).toBeLessThanOrEqual(FALSE_ALARMS_PER_YEAR_MAX);
    },
  );

  it('find errors that double around the same mean within a week, whatever their mean is', () => {
    const { delays } = watch(planted(0, (error) => 2 * error, 9));
    expect(delays).toHaveLength(SERIES);
    expect(delays.at(-1)).toBeLessThanOrEqual(8);
  });
});
