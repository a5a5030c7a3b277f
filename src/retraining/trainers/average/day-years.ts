// Hot file: columns are in range by construction, so typed-array reads are narrowed with `as
// number`.
import type { HolidayLayout } from './holiday-layout.ts';

/** Over the values of one year's day, by part. */
interface YearSums {
  readonly year: number;
  /** How far they were off the means of their slots, in units of the scale, and how many. */
  readonly sums: Float64Array;
  readonly counts: Float64Array;
  /** Off the same means, moved by how far the series was off them lately. */
  readonly moved: Float64Array;
}

/** How far one value was off, in units of the scale. */
export interface Effect {
  readonly part: number;
  readonly off: number;
  readonly offMoved: number;
}

/** One special day in all years, which are counted from where it was seen first. */
export class DayYears {
  /** How much of its effect comes again, once all is added. */
  share = 0;
  /** Ascending. */
  readonly years: YearSums[] = [];
  private readonly first: number;
  private readonly layout: HolidayLayout;

  constructor(layout: HolidayLayout, first: number) {
    this.layout = layout;
    this.first = first;
  }

  add(period: number, { part, off, offMoved }: Effect): void {
    const year = this.yearOf(period);
    let own = this.years.find((one) => one.year === year);
    if (own === undefined) {
      const byPart = (): Float64Array => new Float64Array(this.layout.parts);
      own = { year, sums: byPart(), counts: byPart(), moved: byPart() };
      this.years.push(own);
      this.years.sort((one, other) => one.year - other.year);
    }
    own.sums[part] = (own.sums[part] as number) + off;
    own.moved[part] = (own.moved[part] as number) + offMoved;
    own.counts[part] = (own.counts[part] as number) + 1;
  }

  /** Σ effect · what came next, and Σ effect²: over the years after the first. */
  repetition(): { readonly products: number; readonly squares: number } {
    let [products, squares] = [0, 0];
    for (let part = 0; part < this.layout.parts; part += 1) {
      let [sum, count] = [0, 0];
      for (const { sums, counts, moved } of this.years) {
        const effect = count === 0 ? 0 : sum / count;
        products += effect * (moved[part] as number);
        squares += effect ** 2 * (counts[part] as number);
        sum += sums[part] as number;
        count += counts[part] as number;
      }
    }
    return { products, squares };
  }

  /** The mean over the years before that of a period, all of them if absent; 0 for none. */
  mean(part: number, before = Infinity): number {
    const until = this.yearOf(before);
    let [sum, count] = [0, 0];
    for (const { year, sums, counts } of this.years) {
      if (year >= until) break;
      sum += sums[part] as number;
      count += counts[part] as number;
    }
    return count === 0 ? 0 : sum / count;
  }

  /** A movable feast is at most a month early or late. */
  private yearOf(period: number): number {
    return Math.round((period - this.first) / this.layout.periodsAYear);
  }
}
