// Hot file: indices are in range by construction, so typed-array reads are narrowed with `as
// number`.
import { BINS_MAX } from './bins.ts';

/**
 * Input by input and bin by bin, how many samples there are and what their signs add up to, in one
 * number: the count times `ONE`, and the sum. Both are exact up to 2²⁵ samples, in whatever order
 * they are counted.
 */
export type Histogram = Float64Array;
export const ONE = 2 ** 27;
/** A product costs a fraction of a quotient, and by a power of two is the same. */
const SHARE = 1 / ONE;

export const countIn = (cell: number): number => Math.round(cell * SHARE);

/**
 * The same in 32 bits: adding whole numbers takes one cycle where floating point takes four, and
 * what falls into one bin again and again waits for each addition. So many samples fit.
 */
const SMALL_ONE = 2 ** 16;
const CHUNK = 2 ** 14;
/** Inputs that are counted at once, so that their additions do not wait for each other. */
const LANES = 4;

/** Samples order[from..to), of which the inputs are counted. */
export interface Counted {
  readonly order: Int32Array;
  readonly inputs: readonly number[];
  readonly from: number;
  readonly to: number;
}

/** Counts samples into histograms. */
export class HistogramCounter {
  private readonly columns: readonly Uint8Array[];
  /** What the samples of a chunk count for, in their order. */
  private readonly weights = new Int32Array(CHUNK);
  private readonly cells = new Int32Array(LANES * BINS_MAX);

  constructor(columns: readonly Uint8Array[]) {
    this.columns = columns;
  }

  /** Adds samples to `histogram`. */
  add(histogram: Histogram, signs: Int8Array, { order, inputs, from, to }: Counted): void {
    const { weights } = this;
    for (let start = from; start < to; start += CHUNK) {
      const samples = order.subarray(start, Math.min(to, start + CHUNK));
      for (let at = 0; at < samples.length; at += 1) {
        weights[at] = SMALL_ONE + (signs[samples[at] as number] as number);
      }
      for (let place = 0; place < inputs.length; place += LANES) {
        this.count(samples, inputs, place);
        this.flush(histogram, place * BINS_MAX);
      }
    }
  }

  /** Counts the inputs from a place on; past the last one, that one again. */
  private count(samples: Int32Array, inputs: readonly number[], place: number): void {
    const { cells, weights } = this;
    const first = this.columnAt(inputs, place);
    const second = this.columnAt(inputs, place + 1);
    const third = this.columnAt(inputs, place + 2);
    const fourth = this.columnAt(inputs, place + 3);
    for (let at = 0; at < samples.length; at += 1) {
      const sample = samples[at] as number;
      const weight = weights[at] as number;
      const one = first[sample] as number;
      const two = BINS_MAX + (second[sample] as number);
      const three = 2 * BINS_MAX + (third[sample] as number);
      const four = 3 * BINS_MAX + (fourth[sample] as number);
      cells[one] = (cells[one] as number) + weight;
      cells[two] = (cells[two] as number) + weight;
      cells[three] = (cells[three] as number) + weight;
      cells[four] = (cells[four] as number) + weight;
    }
  }

  private columnAt(inputs: readonly number[], place: number): Uint8Array {
    return this.columns[inputs[Math.min(place, inputs.length - 1)] as number] as Uint8Array;
  }

  /** Adds what was counted to a histogram, from there on, and forgets it. */
  private flush(histogram: Histogram, base: number): void {
    const { cells } = this;
    const end = Math.min(cells.length, histogram.length - base);
    for (let at = 0; at < end; at += 1) {
      const cell = cells[at] as number;
      if (cell === 0) continue;
      const count = (cell + SMALL_ONE / 2) >> 16;
      const sum = cell - count * SMALL_ONE;
      histogram[base + at] = (histogram[base + at] as number) + count * ONE + sum;
    }
    cells.fill(0);
  }
}
