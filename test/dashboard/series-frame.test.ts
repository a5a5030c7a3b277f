import { describe, expect, it } from 'vitest';
import type { ScoreEvent, SeriesResponse } from '../../src/serving/responses.ts';
import { HOUR_MS, nextScore, ORIGIN, seriesResponse } from './fixture-series.ts';
import { pageModule } from './page-module.ts';

interface Bounds {
  readonly lower: readonly (number | null)[];
  readonly upper: readonly (number | null)[];
}

interface Frame {
  readonly times: readonly number[];
  readonly actual: readonly (number | null)[];
  readonly mean: readonly (number | null)[];
  readonly inner: Bounds;
  readonly misses: readonly number[];
}

interface FrameModule {
  readonly frameOf: (series: SeriesResponse, periods: number) => Frame | null;
  readonly withScore: (series: SeriesResponse, score: ScoreEvent) => SeriesResponse;
}

const { frameOf, withScore } = await pageModule<FrameModule>('series-frame');

const PERIODS = 100;
const airport = { id: 'DEN', size: 50, hasGap: true, isStale: false };
const series = seriesResponse(airport, PERIODS);

const framed = (of: SeriesResponse, periods = PERIODS): Frame => {
  const frame = frameOf(of, periods);
  if (frame === null) throw new Error('nothing to frame');
  return frame;
};

describe('the frame of a chart', () => {
  it('has each period once, a missing one as a gap, and the forecast after the actuals', () => {
    const { times, actual, mean, inner } = framed(series);
    expect(series.actuals.times.length).toBe(PERIODS - 11);
    expect(times.length).toBe(PERIODS + 24);
    expect(times.every((time, at) => at === 0 || time - (times[at - 1] ?? 0) === HOUR_MS)).toBe(
      true,
    );
    expect(actual.filter((value) => value === null).length).toBe(11 + 24);
    expect(mean.slice(0, PERIODS).every((value) => value === null)).toBe(true);
    expect(mean.slice(PERIODS)).toEqual(series.forecast?.mean);
    expect(inner.lower.slice(PERIODS)).toEqual(series.forecast?.intervals[0]?.lower);
  });

  it('keeps to the span asked for', () => {
    expect(framed(series, 10).times[0]).toBe(ORIGIN - 9 * HOUR_MS);
  });

  it('marks the actuals outside the widest interval forecast for them, and no others', () => {
    const { times, actual, misses } = framed(series);
    const widest = series.past.intervals.find(({ level }) => level === 95);
    const outside = series.actuals.values.flatMap((value, at) => {
      const [low, high] = [widest?.lower[at] ?? 0, widest?.upper[at] ?? 0];
      return value !== null && (value < low || value > high) ? [series.actuals.times[at]] : [];
    });
    expect(misses.length).toBeGreaterThan(0);
    expect(misses.map((at) => times[at])).toEqual(outside);
    expect(misses.every((at) => actual[at] !== null)).toBe(true);
  });

  it('takes a score as the actual of its target, and a correction in its place', () => {
    const target = ORIGIN + HOUR_MS;
    const once = withScore(series, nextScore(series, 40));
    const twice = withScore(once, { ...nextScore(series, 44), revision: 1 });
    expect(once.actuals.times.at(-1)).toBe(target);
    expect(once.actuals.values.at(-1)).toBe(40);
    expect(once.past.mean.at(-1)).toBeCloseTo(40 * 0.97);
    expect(once.past.intervals[1]?.upper.at(-1)).toBeCloseTo(52);
    expect(twice.actuals.times).toEqual(once.actuals.times);
    expect(twice.actuals.values.at(-1)).toBe(44);
    expect(series.actuals.times.at(-1)).toBe(ORIGIN);
  });

  it('is nothing where nothing was observed', () => {
    const nothing = { times: [], values: [] };
    const past = { step: 1 as const, times: [], mean: [], intervals: [] };
    expect(frameOf({ ...series, actuals: nothing, past, forecast: null }, 10)).toBeNull();
  });
});
