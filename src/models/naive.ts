// Hot file: indices are in range by construction (steps are counted by the season plan, the
// caller's arrays have room for the horizon), so typed-array reads are narrowed with `as number`.

/** Reads the value of a period; NaN where it is missing or not known. */
export interface ValueReader {
  at(period: number): number;
}

/** The rungs of the cold-start ladder, by how much history a series has. */
export const RUNGS = ['slot-mean', 'day-naive', 'last-value', 'none'] as const;
export type Rung = (typeof RUNGS)[number];

export interface NaiveShape {
  /** Short season, then the long one if there is one, in periods. */
  readonly seasons: readonly number[];
  readonly horizon: number;
}

/** Long seasons that a slot mean takes in. */
const SLOT_MEAN_SEASONS = 4;
/** Periods behind the origin in which a last value is looked for. */
const LAST_VALUE_REACH = 3;

/**
 * What a series without a model is forecast by: the mean of the target's slot over the last four long seasons, where there
 * is one; else its value a day (short season) ago, else the last value. Missing values are stepped over, so that a gap
 * moves single steps down a rung, not the forecast.
 */
export class NaiveLadder {
  readonly horizon: number;
  private readonly short: number;
  private readonly long: number;

  constructor({ seasons, horizon }: NaiveShape) {
    this.horizon = horizon;
    this.short = seasons[0] ?? 1;
    this.long = seasons[1] ?? this.short;
  }

  /** Periods that it looks back at most. */
  get lookback(): number {
    return this.long * (SLOT_MEAN_SEASONS + Math.ceil(this.horizon / this.long));
  }

  /**
   * Writes `horizon` means from `at`; returns the rung by which step 1 was forecast, or `none` when nothing is known, with
   * NaN for each step.
   */
  write(values: ValueReader, origin: number, { out, at }: { out: Float64Array; at: number }): Rung {
    const last = this.lastValue(values, origin);
    let rung: Rung = 'none';
    for (let step = this.horizon; step >= 1; step -= 1) {
      const target = origin + step;
      let mean = this.slotMean(values, target, step);
      rung = 'slot-mean';
      if (Number.isNaN(mean)) {
        mean = values.at(target - this.short * Math.ceil(step / this.short));
        rung = 'day-naive';
      }
      if (Number.isNaN(mean)) {
        mean = last;
        rung = Number.isNaN(last) ? 'none' : 'last-value';
      }
      out[at + step - 1] = mean;
    }
    return rung;
  }

  private slotMean(values: ValueReader, target: number, step: number): number {
    let period = target - this.long * Math.ceil(step / this.long);
    let sum = 0;
    let count = 0;
    for (let season = 0; season < SLOT_MEAN_SEASONS; season += 1) {
      const value = values.at(period);
      if (!Number.isNaN(value)) {
        sum += value;
        count += 1;
      }
      period -= this.long;
    }
    return count === 0 ? Number.NaN : sum / count;
  }

  private lastValue(values: ValueReader, origin: number): number {
    const reach = this.short * LAST_VALUE_REACH;
    for (let back = 0; back < reach; back += 1) {
      const value = values.at(origin - back);
      if (!Number.isNaN(value)) return value;
    }
    return Number.NaN;
  }
}
