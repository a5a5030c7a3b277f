// Hot file: indices are in range by construction, so typed-array reads are narrowed with `as
// number`.
/* eslint max-params: ["error", 4] -- an object a block would be garbage */

/** How much of the moments somebody needs; the rest may be left wrong. */
export type Detail = 0 | 1 | 2;
/** Count and sum. */
export const SUMS: Detail = 0;
/** Least and greatest as well. */
export const RANGE: Detail = 1;
/** Squared distances as well. */
export const FULL: Detail = 2;

/** Words of moments: count, sum, squared distances from the mean, least, greatest. */
export const MOMENT_WORDS = 5;

/** Moments of some values; in words, which a number field of an object would not be. */
export class Moments {
  private readonly words = new Float64Array(MOMENT_WORDS);

  get count(): number {
    return this.words[0] as number;
  }

  get sum(): number {
    return this.words[1] as number;
  }

  get squares(): number {
    return this.words[2] as number;
  }

  /** NaN when there is no value. */
  get least(): number {
    return this.words[3] as number;
  }

  get greatest(): number {
    return this.words[4] as number;
  }

  clear(): void {
    const { words } = this;
    words[0] = 0;
    words[1] = 0;
    words[2] = 0;
    words[3] = Number.NaN;
    words[4] = Number.NaN;
  }

  copy(other: Moments): void {
    const from = other.words;
    const { words } = this;
    words[0] = from[0] as number;
    words[1] = from[1] as number;
    words[2] = from[2] as number;
    words[3] = from[3] as number;
    words[4] = from[4] as number;
  }

  /** Takes the values from `from` up to `end`, but for NaN. */
  measure(values: Float64Array, from: number, end: number, detail: Detail): void {
    this.clear();
    if (detail >= RANGE) this.measureRange(values, from, end);
    else this.measureSum(values, from, end);
    if (detail === FULL && this.count > 0) this.measureSquares(values, from, end);
  }

  add(other: Moments, detail: Detail): void {
    this.addStored(other.words, 0, detail);
  }

  /**
   * Adds moments that were stored.
   * @see Chan, Golub, LeVeque: Updating Formulae and a Pairwise Algorithm (1979)
   */
  addStored(stored: Float64Array, at: number, detail: Detail): void {
    const count = stored[at] as number;
    if (count === 0) return;
    const { words } = this;
    const sum = stored[at + 1] as number;
    if (detail === FULL) {
      const before = words[0] as number;
      const apart = before === 0 ? 0 : sum / count - (words[1] as number) / before;
      const between = (apart * apart * count * before) / (count + before);
      words[2] = (words[2] as number) + (stored[at + 2] as number) + between;
    }
    if (detail >= RANGE) {
      const least = stored[at + 3] as number;
      const greatest = stored[at + 4] as number;
      // Written so that a range that is still NaN is replaced.
      if (!((words[3] as number) <= least)) words[3] = least;
      if (!((words[4] as number) >= greatest)) words[4] = greatest;
    }
    words[0] = (words[0] as number) + count;
    words[1] = (words[1] as number) + sum;
  }

  store(into: Float64Array, at: number): void {
    into.set(this.words, at);
  }

  private measureSum(values: Float64Array, from: number, end: number): void {
    let count = 0;
    let sum = 0;
    for (let index = from; index < end; index += 1) {
      const value = values[index] as number;
      if (Number.isNaN(value)) continue;
      count += 1;
      sum += value;
    }
    this.words[0] = count;
    this.words[1] = sum;
  }

  /** The sum as well: its additions wait for each other, so the comparisons cost nothing. */
  private measureRange(values: Float64Array, from: number, end: number): void {
    let count = 0;
    let sum = 0;
    let least = Infinity;
    let greatest = -Infinity;
    for (let index = from; index < end; index += 1) {
      const value = values[index] as number;
      if (Number.isNaN(value)) continue;
      count += 1;
      sum += value;
      if (value < least) least = value;
      if (value > greatest) greatest = value;
    }
    if (count === 0) return;
    this.words[0] = count;
    this.words[1] = sum;
    this.words[3] = least;
    this.words[4] = greatest;
  }

  /** A second pass, so that a large mean costs no digits. */
  private measureSquares(values: Float64Array, from: number, end: number): void {
    const mean = this.sum / this.count;
    let squares = 0;
    for (let index = from; index < end; index += 1) {
      const distance = (values[index] as number) - mean;
      if (!Number.isNaN(distance)) squares += distance * distance;
    }
    this.words[2] = squares;
  }
}
