import { frequencyMs } from './format.js';

/** Longer than any span on offer; a frame is never larger, whatever the times say. */
const PERIODS_MAX = 5_000;

/** Every period from the first to the last, so that a missing one is a gap and not a bridge. */
const gridOf = (times, frequency) => {
  const sorted = [...new Set(times)].sort((one, other) => one - other);
  const stepMs = frequencyMs(frequency);
  // Months are not equally long, and zones shift days: there the periods are those that are known.
  const isFixed =
    !/mo$/.test(frequency) && sorted.every((time) => (time - sorted[0]) % stepMs === 0);
  const periods = (sorted.at(-1) - sorted[0]) / stepMs + 1;
  if (!isFixed || periods > PERIODS_MAX) return sorted.slice(-PERIODS_MAX);
  return Array.from({ length: periods }, (_, index) => sorted[0] + index * stepMs);
};

const onGrid = (grid, times, values) => {
  const known = new Map(times.map((time, index) => [time, values?.[index] ?? null]));
  return grid.map((time) => known.get(time) ?? null);
};

const levelOf = (intervals, level) => intervals.find((interval) => interval.level === level);

/** Indices of actuals outside the widest interval that was forecast for them one step ahead. */
const missesOf = (actual, { lower, upper }) =>
  actual.flatMap((value, index) => {
    const [low, high] = [lower[index], upper[index]];
    if (value === null || low === null || high === null) return [];
    return value < low || value > high ? [index] : [];
  });

const boundsOn = (grid, times, interval) => ({
  lower: onGrid(grid, times, interval?.lower),
  upper: onGrid(grid, times, interval?.upper),
});

/**
 * One column a line of the chart, on one grid of periods: `times` (epoch ms), `actual`, `past` (one
 * step ahead) and `mean`, both with inner and outer bounds; and which actuals were missed.
 */
export const frameOf = (series, spanPeriods) => {
  const { actuals, past, forecast, frequency } = series;
  const from = Math.max(0, actuals.times.length - spanPeriods);
  const start = actuals.times[from] ?? -Infinity;
  const kept = (time) => time >= start;
  const targets = forecast?.targets ?? [];
  const times = [...actuals.times.filter(kept), ...past.times.filter(kept), ...targets];
  if (times.length === 0) return null;
  const grid = gridOf(times, frequency);
  const levels = [...series.levels].sort((one, other) => one - other);
  const [inner, outer] = [levels[0], levels.at(-1)];
  const actual = onGrid(grid, actuals.times, actuals.values);
  const intervals = forecast?.intervals ?? [];
  const pastOuter = boundsOn(grid, past.times, levelOf(past.intervals, outer));
  return {
    times: grid,
    levels: { inner, outer },
    actual,
    past: onGrid(grid, past.times, past.mean),
    pastInner: boundsOn(grid, past.times, levelOf(past.intervals, inner)),
    mean: onGrid(grid, targets, forecast?.mean),
    inner: boundsOn(grid, targets, levelOf(intervals, inner)),
    outer: boundsOn(grid, targets, levelOf(intervals, outer)),
    pastOuter,
    misses: missesOf(actual, pastOuter),
  };
};

/** A new forecast in place of the last one; what that said of the past, scores tell. */
export const withForecast = (series, forecast) => ({ ...series, forecast });

const put = (times, time) => {
  const at = times.findIndex((known) => known >= time);
  return at === -1 ? { at: times.length, isNew: true } : { at, isNew: times[at] !== time };
};

const spliced = (values, { at, isNew }, value) => values.toSpliced(at, isNew ? 0 : 1, value);

/** A score: the actual of its target, and what had been forecast for it one step ahead. */
export const withScore = (series, { target, actual, past }) => {
  const place = put(series.actuals.times, target);
  const pastPlace = put(series.past.times, target);
  const bounds = (interval, side) =>
    past?.intervals.find(({ level }) => level === interval.level)?.[side] ?? null;
  return {
    ...series,
    actuals: {
      times: spliced(series.actuals.times, place, target),
      values: spliced(series.actuals.values, place, actual),
    },
    past: {
      ...series.past,
      times: spliced(series.past.times, pastPlace, target),
      mean: spliced(series.past.mean, pastPlace, past?.mean ?? null),
      intervals: series.past.intervals.map((interval) => ({
        ...interval,
        lower: spliced(interval.lower, pastPlace, bounds(interval, 'lower')),
        upper: spliced(interval.upper, pastPlace, bounds(interval, 'upper')),
      })),
    },
  };
};
