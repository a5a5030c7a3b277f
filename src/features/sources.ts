// Hot file: indices are in range by construction, so typed-array reads are narrowed with `as
// number`.
/* eslint max-params: ["error", 4] -- an object a block would be garbage */
import type { LocalClock } from './local-clock.ts';
import type { Row } from './row.ts';
import type { TrackSource } from './track.ts';

/** How many same slots a deviation is measured against. */
export const DEVIATION_SLOTS = 8;

/** The values as they are. */
export const values: TrackSource = {
  isRing: true,
  copy: (row, from, to, out) => {
    row.copy(from, to, out);
  },
};

/** What is left of each value behind its whole part; 1 of those below zero, which are no counts. */
export const fractions: TrackSource = {
  isRing: false,
  copy: (row, from, to, out) => {
    row.copy(from, to, out);
    const size = to - from + 1;
    for (let index = 0; index < size; index += 1) {
      const value = out[index] as number;
      out[index] = value < 0 ? 1 : value - Math.floor(value);
    }
  },
};

/** |yᵢ − yᵢ₋ₘ|, by plain index: as a unit it need not know of the clock. */
export const changes = (season: number): TrackSource => {
  const earlier = new Float64Array(64);
  return {
    isRing: false,
    copy: (row, from, to, out) => {
      row.copy(from, to, out);
      row.copy(from - season, to - season, earlier);
      const size = to - from + 1;
      for (let index = 0; index < size; index += 1) {
        out[index] = Math.abs((out[index] as number) - (earlier[index] as number));
      }
    },
  };
};

/** How far a period's value was off the mean of the same slots before it. */
export const deviationAt = (
  row: Row,
  clock: LocalClock,
  period: number,
  season: number,
): number => {
  let count = 0;
  let sum = 0;
  for (let back = 1; back <= DEVIATION_SLOTS; back += 1) {
    const lag = season * back;
    const value = row.at(row.isPlain ? period - lag : clock.before(period, lag));
    if (Number.isNaN(value)) continue;
    count += 1;
    sum += value;
  }
  return count === 0 ? Number.NaN : row.at(period) - sum / count;
};

/** yᵢ minus the mean of the known ones of eight values, one season apart, before it. */
export const deviations = (season: number, clock: LocalClock): TrackSource => ({
  isRing: false,
  copy: (row, from, to, out) => {
    for (let period = from; period <= to; period += 1) {
      out[period - from] = deviationAt(row, clock, period, season);
    }
  },
});
