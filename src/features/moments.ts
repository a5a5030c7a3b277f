// Hot file: indices are in range by construction, so typed-array reads are narrowed with `as
// number`.

/** How much of the moments somebody needs; the rest may be left wrong. */
export type Detail = 0 | 1 | 2;
/** Count and sum. */
export const SUMS: Detail = 0;
/** Least and greatest as well. */
export const RANGE: Detail = 1;
/** Squared distances as well. */
export const FULL: Detail = 2;

/** Words of stored moments. */
export const MOMENT_WORDS = 5;

/** Count, sum, squared distances from the mean, least and greatest of some values. */
export class Moments {
  count = 0;
  sum = 0;
  squares = 0;
  least = Number.NaN;
  greatest = Number.NaN;

  clear(): void {
    this.count = 0;
    this.sum = 0;
    this.squares = 0;
    this.least = Number.NaN;
    this.greatest = Number.NaN;
  }

  copy(other: Moments): void {
    this.count = other.count;
    this.sum = other.sum;
    this.squares = other.squares;
    this.least = other.least;
    this.greatest = other.greatest;
  }

  /** Takes the first `size` values, but for NaN. */
  measure(values: Float64Array, size: number, detail: Detail): void {
    let count = 0;
    let sum = 0;
    for (let index = 0; index < size; index += 1) {
      const value = values[index] as number;
      if (Number.isNaN(value)) continue;
      count += 1;
      sum += value;
    }
    this.clear();
    if (count === 0) return;
    this.count = count;
    this.sum = sum;
    if (detail >= RANGE) this.measureRange(values, size);
    if (detail === FULL) this.measureSquares(values, size);
  }

  /** @see Chan, Golub, LeVeque: Updating Formulae and a Pairwise Algorithm (1979) */
  add(other: Moments, detail: Detail): void {
    const { count } = other;
    if (count === 0) return;
    if (this.count === 0) {
      this.copy(other);
      return;
    }
    if (detail === FULL) {
      const apart = other.sum / count - this.sum / this.count;
      this.squares += other.squares + (apart * apart * count * this.count) / (count + this.count);
    }
    if (other.least < this.least) this.least = other.least;
    if (other.greatest > this.greatest) this.greatest = other.greatest;
    this.count += count;
    this.sum += other.sum;
  }

  load(words: Float64Array, at: number): void {
    this.count = words[at] as number;
    this.sum = words[at + 1] as number;
    this.squares = words[at + 2] as number;
    this.least = words[at + 3] as number;
    this.greatest = words[at + 4] as number;
  }

  store(words: Float64Array, at: number): void {
    words[at] = this.count;
    words[at + 1] = this.sum;
    words[at + 2] = this.squares;
    words[at + 3] = this.least;
    words[at + 4] = this.greatest;
  }

  private measureRange(values: Float64Array, size: number): void {
    let least = Infinity;
    let greatest = -Infinity;
    for (let index = 0; index < size; index += 1) {
      const value = values[index] as number;
      // A NaN fails both comparisons.
      if (value < least) least = value;
      if (value > greatest) greatest = value;
    }
    this.least = least;
    this.greatest = greatest;
  }

  /** A second pass, so that a large mean costs no digits. */
  private measureSquares(values: Float64Array, size: number): void {
    const mean = this.sum / this.count;
    let squares = 0;
    for (let index = 0; index < size; index += 1) {
      const distance = (values[index] as number) - mean;
      if (!Number.isNaN(distance)) squares += distance * distance;
    }
    this.squares = squares;
  }
}
