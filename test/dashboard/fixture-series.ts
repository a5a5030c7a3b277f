import { seededRandom } from '../../src/core/random.ts';
import type { ScoreEvent, SeriesResponse } from '../../src/serving/responses.ts';

export const HOUR_MS = 3_600_000;
/** 3 June 2001, 14:20 UTC: twenty minutes into an open hour. */
export const NOW = Date.UTC(2001, 5, 3, 14, 20);
export const ORIGIN = Date.UTC(2001, 5, 3, 13);
export const CHAMPION = {
  name: 'departures',
  version: '20010602-4f1c',
  sha256: '4f1c09d2a86be35577e0c1d29b1f04aa3c5d7e88912b6f40c3a1d5e7f9081b2c',
  role: 'champion',
} as const;
const HORIZON = 24;

/** Departures of an airport in an hour: nothing at night, two peaks, fewer at the weekend. */
const expected = (timeMs: number, size: number): number => {
  const date = new Date(timeMs);
  const hour = date.getUTCHours();
  const open = hour >= 5 && hour <= 22 ? 1 : 0.04;
  const peaks = Math.exp(-((hour - 8) ** 2) / 6) + 0.9 * Math.exp(-((hour - 17) ** 2) / 8);
  const weekend = date.getUTCDay() % 6 === 0 ? 0.78 : 1;
  return size * open * weekend * (0.45 + peaks);
};

const spread = (mean: number): number => 0.6 + 1.15 * Math.sqrt(mean);
const FACTORS = [
  { level: 80, factor: 1.28 },
  { level: 95, factor: 1.96 },
] as const;

const intervalsOf = (means: readonly number[], growth: (step: number) => number) =>
  FACTORS.map(({ level, factor }) => ({
    level,
    lower: means.map((mean, step) => Math.max(0, mean - factor * spread(mean) * growth(step))),
    upper: means.map((mean, step) => mean + factor * spread(mean) * growth(step)),
  }));

export interface FixtureSeries {
  readonly id: string;
  readonly size: number;
  readonly hasGap: boolean;
  readonly isStale: boolean;
}

/** Two weeks of an airport with a day of forecasts ahead, the same for the same series. */
export const seriesResponse = (
  { id, size, hasGap, isStale }: FixtureSeries,
  periods: number,
): SeriesResponse => {
  const random = seededRandom(id);
  const origin = isStale ? ORIGIN - 60 * HOUR_MS : ORIGIN;
  const start = origin - (periods - 1) * HOUR_MS;
  const all = Array.from({ length: periods }, (_, index) => start + index * HOUR_MS);
  const inGap = (index: number): boolean => hasGap && index > periods - 70 && index < periods - 58;
  const times = all.filter((_, index) => !inGap(index));
  const means = times.map((time) => expected(time, size) * (1 + 0.06 * random.normal()));
  const values = means.map((mean) =>
    Math.max(0, Math.round(mean + spread(mean) * random.normal())),
  );
  const targets = Array.from({ length: HORIZON }, (_, step) => origin + (step + 1) * HOUR_MS);
  const ahead = targets.map((time) => expected(time, size));
  return {
    id,
    stream: 'departures',
    frequency: '1h',
    horizon: HORIZON,
    levels: [80, 95],
    state: isStale ? 'stale' : 'fresh',
    actuals: { times, values },
    forecast: {
      forecastId: `${id}-${origin}`,
      origin,
      generatedAt: origin + HOUR_MS + 1_400,
      model: CHAMPION,
      strategy: 'direct',
      targets,
      mean: ahead,
      intervals: intervalsOf(ahead, (step) => 1 + step * 0.02),
    },
    past: { step: 1, times, mean: means, intervals: intervalsOf(means, () => 1) },
    error: errorOf(size),
  };
};

const errorOf = (size: number): SeriesResponse['error'] => ({
  window: '7d',
  count: 3_864,
  wape: 0.09 + 0.9 / (6 + size),
  mase: 0.713,
  bias: 0.011,
  skill: 0.204,
  naive: { 'slot-mean': 0.113 + 1.13 / (6 + size), 'seasonal-naive': 0.151 + 1.3 / (6 + size) },
  coverage: [
    { level: 80, share: 0.803 },
    { level: 95, share: 0.948 },
  ],
});

/** The next hour's actual, as `/events` says it. */
export const nextScore = (series: SeriesResponse, actual: number): ScoreEvent => ({
  stream: series.stream,
  seriesId: series.id,
  target: ORIGIN + HOUR_MS,
  actual,
  revision: 0,
  past: {
    mean: actual * 0.97,
    intervals: [
      { level: 80, lower: actual * 0.8, upper: actual * 1.2 },
      { level: 95, lower: actual * 0.7, upper: actual * 1.3 },
    ],
  },
});
