// Hot file: indices are in range by construction (slots of a season, places of a series), so
// typed-array reads are narrowed with `as number`.

/** Mean distances from the level beyond which a value speaks of itself, not of its season. */
const DISTANCE_MAX = 4;

/**
 * What is left of a series without its level, the mean of the season around each value, and without
 * its trend, which half a period between a value and the middle of an even season leaves. A season
 * has a level where at least half of the values are there that it has on average: of a shop that is
 * closed at night never more than a part is.
 */
export const withoutLevel = (values: Float64Array, season: number): Float64Array => {
  const before = season >> 1;
  const out = new Float64Array(values.length).fill(Number.NaN);
  const needed = (season * shareKnown(values)) / 2;
  let [sum, count] = [0, 0];
  const take = (place: number, sign: 1 | -1): void => {
    const value = values[place] ?? Number.NaN;
    if (Number.isNaN(value)) return;
    sum += sign * value;
    count += sign;
  };
  for (let place = 0; place < Math.min(season, values.length); place += 1) take(place, 1);
  for (let from = 0; from + season <= values.length; from += 1) {
    const center = from + before;
    if (count >= needed) out[center] = (values[center] as number) - sum / count;
    take(from, -1);
    take(from + season, 1);
  }
  return clipped(out);
};

const shareKnown = (values: Float64Array): number =>
  values.reduce((sum, value) => sum + Number(!Number.isNaN(value)), 0) / values.length;

const meanOf = (values: Float64Array): number => {
  let [sum, count] = [0, 0];
  for (const value of values) {
    if (Number.isNaN(value)) continue;
    sum += value;
    count += 1;
  }
  return sum / Math.max(1, count);
};

const clipped = (distances: Float64Array): Float64Array => {
  const mean = meanOf(distances);
  const centered = distances.map((distance) => distance - mean);
  const limit = DISTANCE_MAX * meanOf(centered.map(Math.abs));
  return centered.map((distance) => Math.max(-limit, Math.min(limit, distance)));
};

/** A series by the slots of a season: how many values each has, and their sum. */
class Slots {
  readonly sums: Float64Array;
  readonly counts: Float64Array;

  constructor(distances: Float64Array, season: number) {
    this.sums = new Float64Array(season);
    this.counts = new Float64Array(season);
    for (const [place, distance] of distances.entries()) {
      if (Number.isNaN(distance)) continue;
      const slot = place % season;
      this.sums[slot] = (this.sums[slot] as number) + distance;
      this.counts[slot] = (this.counts[slot] as number) + 1;
    }
  }

  /** The mean of the slot in all seasons but this one; NaN where there is no other. */
  others(place: number, distance: number): number {
    const slot = place % this.sums.length;
    const count = (this.counts[slot] as number) - 1;
    return count < 1 ? Number.NaN : ((this.sums[slot] as number) - distance) / count;
  }
}

/**
 * The share of what a series does beside its level that the same slots of its other seasons tell:
 * 1 − Σ(d − d̄)²/Σd², d̄ the mean of the slot without the season at hand. 1 for a season that
 * repeats itself, at most 0 for one that is not there; NaN where no two seasons can be compared.
 * Unlike the strength of a fitted season (Wang, Smith and Hyndman, 2006), it is not greater than 0
 * merely since there are few seasons.
 */
export const seasonStrength = (distances: Float64Array, season: number): number => {
  const slots = new Slots(distances, season);
  let [unexplained, whole] = [0, 0];
  for (const [place, distance] of distances.entries()) {
    const error = distance - slots.others(place, distance);
    if (Number.isNaN(error)) continue;
    unexplained += error * error;
    whole += distance * distance;
  }
  return whole > 0 ? 1 - unexplained / whole : Number.NaN;
};

/** What the other seasons do not tell; NaN where there is none. */
export const withoutSeason = (distances: Float64Array, season: number): Float64Array => {
  const slots = new Slots(distances, season);
  return distances.map((distance, place) => distance - slots.others(place, distance));
};
