// Hot file: indices are in range by construction (the layout counts its words, and bounds and naive
// values are one a level or name of the shape), so typed-array reads are narrowed with `as number`.
import { assert } from '../core/assert.ts';
import { isCovered } from '../models/matured-forecasts.ts';
import type { ErrorSums } from '../schemas/partial.ts';
import { emptyColumns, type StepColumns } from '../schemas/columnar-score.ts';
import type { SumsShape } from './error-sums.ts';
import { addTerms, sumAt, TERM_MAX, type Spill, type TwoWordSums } from './two-word-sum.ts';

/** What a larger error or actual than this would overflow when it is squared. */
const VALUE_MAX = 2 ** 500;

/** Counts of a step; two a level and one an opponent follow. */
const COUNT = 0;
const EXCLUDED = 1;
const PERCENTAGE_COUNT = 2;
const SCALED_COUNT = 3;
const FIXED_COUNTS = 4;
/** Sums of a step, by their place; two a level and two an opponent follow. */
const ABSOLUTE_ERROR = 0;
const ABSOLUTE_ACTUAL = 1;
const SQUARED_ERROR = 2;
const SIGNED_ERROR = 3;
const PERCENTAGE_ERROR = 4;
const SYMMETRIC_ERROR = 5;
const SCALED_ERROR = 6;
const FIXED_SUMS = 7;

/** 1: a score counts. −1: it is taken out again, which leaves no trace since sums are exact. */
export type Sign = 1 | -1;

const NOTHING: StepColumns = emptyColumns({ capacity: 0, levels: 0, names: 0 });

export interface StepSumsShape extends SumsShape {
  readonly levels: Float64Array;
  readonly horizon: number;
}

/**
 * Exact sums of one model's errors, step by step: the hot form of `ErrorSums`. Its words are the
 * counts of all steps, then the first word of each sum, then the second ones.
 */
export class StepSums {
  readonly shape: StepSumsShape;
  readonly words: Float64Array;
  readonly spill: Spill;
  private readonly naiveAt: number;
  /** Of each step. */
  private readonly countWidth: number;
  private readonly sumWidth: number;
  private readonly sums: TwoWordSums;
  /** 2/α a level. */
  private readonly penalties: Float64Array;
  /** What a score adds to each sum; 0: nothing. */
  private readonly terms: Float64Array;
  // What is being added; the fields spare the hot path an object a step, and numbers that
  // functions are called with would be boxed.
  private said: StepColumns = NOTHING;
  private sign: Sign = 1;
  private readonly actual = new Float64Array(1);

  constructor(shape: StepSumsShape, words?: Float64Array, spill: Spill = new Map()) {
    const { levels, naiveNames, horizon } = shape;
    this.shape = shape;
    this.naiveAt = FIXED_COUNTS + 2 * levels.length;
    this.countWidth = this.naiveAt + naiveNames.length;
    this.sumWidth = FIXED_SUMS + 2 * levels.length + 2 * naiveNames.length;
    this.terms = new Float64Array(this.sumWidth * horizon);
    this.penalties = levels.map((level) => 2 / (1 - level / 100));
    const [sumsAt, sumCount] = [this.countWidth * horizon, this.terms.length];
    this.words = words ?? new Float64Array(sumsAt + 2 * sumCount);
    this.spill = spill;
    assert(this.words.length === sumsAt + 2 * sumCount, 'sums were kept in another layout');
    const secondsAt = sumsAt + sumCount;
    this.sums = {
      firsts: this.words.subarray(sumsAt, secondsAt),
      seconds: this.words.subarray(secondsAt),
      spill,
    };
  }

  clone(): StepSums {
    const spill: Spill = new Map();
    for (const [at, partials] of this.spill) spill.set(at, [...partials]);
    return new StepSums(this.shape, this.words.slice(), spill);
  }

  /**
   * Adds what forecasts said of one actual, at the levels and names of the shape; what they said
   * beyond the horizon is left out.
   */
  add(said: StepColumns, actual: number, sign: Sign): void {
    const { sumWidth } = this;
    const { count, steps } = said;
    this.said = said;
    this.sign = sign;
    this.actual[0] = actual;
    // Terms of steps that follow each other, as all of a score do, are added at once.
    let from = 0;
    let to = 0;
    for (let row = 0; row < count; row += 1) {
      const index = (steps[row] as number) - 1;
      if (index < 0 || index >= this.shape.horizon) continue;
      if (index !== to) {
        addTerms(this.sums, this.terms, { from: from * sumWidth, to: to * sumWidth });
        from = index;
      }
      to = index + 1;
      this.fill(row, index);
    }
    addTerms(this.sums, this.terms, { from: from * sumWidth, to: to * sumWidth });
  }

  /** The sums of one step, 1 first, in canonical form. */
  sumsOf(step: number): ErrorSums {
    const { words, sums } = this;
    const base = (step - 1) * this.countWidth;
    const at = (step - 1) * this.sumWidth;
    const { levels, naiveNames } = this.shape;
    const winkler = at + FIXED_SUMS;
    const naive = winkler + 2 * levels.length;
    const count = (index: number): number => words[base + index] as number;
    const sum = (index: number): Float64Array => sumAt(sums, index);
    return {
      count: count(COUNT),
      excluded: count(EXCLUDED),
      absoluteError: sum(at + ABSOLUTE_ERROR),
      absoluteActual: sum(at + ABSOLUTE_ACTUAL),
      squaredError: sum(at + SQUARED_ERROR),
      signedError: sum(at + SIGNED_ERROR),
      percentageError: sum(at + PERCENTAGE_ERROR),
      percentageCount: count(PERCENTAGE_COUNT),
      symmetricError: sum(at + SYMMETRIC_ERROR),
      scaledError: sum(at + SCALED_ERROR),
      scaledCount: count(SCALED_COUNT),
      intervalCount: levels.map((_, level) => count(FIXED_COUNTS + 2 * level)),
      covered: levels.map((_, level) => count(FIXED_COUNTS + 2 * level + 1)),
      winkler: Array.from(levels, (_, level) => sum(winkler + 2 * level)),
      width: Array.from(levels, (_, level) => sum(winkler + 2 * level + 1)),
      naiveAbsoluteError: naiveNames.map((_, index) => sum(naive + 2 * index)),
      naiveExcluded: Float64Array.from(naiveNames, (_, index) => count(this.naiveAt + index)),
      naiveExcludedError: naiveNames.map((_, index) => sum(naive + 2 * index + 1)),
    };
  }

  /** Counts a step, and makes its terms. */
  private fill(row: number, index: number): void {
    const { terms, sumWidth, sign } = this;
    const base = index * this.countWidth;
    const at = index * sumWidth;
    if (this.fillErrors(row, base, at)) {
      this.fillIntervals(row, base, at);
      this.fillNaive(row, base, at);
      if (sign < 0) {
        for (let term = at; term < at + sumWidth; term += 1) terms[term] = -(terms[term] as number);
      }
    } else {
      this.count(base + EXCLUDED);
      terms.fill(0, at, at + sumWidth);
    }
  }

  private count(at: number): void {
    this.words[at] = (this.words[at] as number) + this.sign;
  }

  /** False: they are so large that the step is left out. */
  private fillErrors(row: number, base: number, at: number): boolean {
    const { terms, said } = this;
    const mean = said.means[row] as number;
    const scale = said.scales[row] as number;
    const actual = this.actual[0] as number;
    const signed = mean - actual;
    const error = Math.abs(signed);
    const size = Math.abs(actual);
    if (!(error < VALUE_MAX && size < VALUE_MAX)) return false;
    this.count(base + COUNT);
    terms[at + ABSOLUTE_ERROR] = error;
    terms[at + ABSOLUTE_ACTUAL] = size;
    terms[at + SQUARED_ERROR] = error * error;
    terms[at + SIGNED_ERROR] = signed;
    const both = size + Math.abs(mean);
    terms[at + SYMMETRIC_ERROR] = both > 0 ? error / both : 0;
    const percentage = error / size;
    const hasPercentage = percentage < TERM_MAX;
    terms[at + PERCENTAGE_ERROR] = hasPercentage ? percentage : 0;
    if (hasPercentage) this.count(base + PERCENTAGE_COUNT);
    const scaled = error / scale;
    const isScaled = scale > 0 && scaled < TERM_MAX;
    terms[at + SCALED_ERROR] = isScaled ? scaled : 0;
    if (isScaled) this.count(base + SCALED_COUNT);
    return true;
  }

  private fillIntervals(row: number, base: number, at: number): void {
    const { terms, penalties } = this;
    const { lower, upper } = this.said;
    const levels = penalties.length;
    const actual = this.actual[0] as number;
    for (let level = 0; level < levels; level += 1) {
      const low = lower[row * levels + level] as number;
      const high = upper[row * levels + level] as number;
      const width = high - low;
      const term = at + FIXED_SUMS + 2 * level;
      const isUsable = Math.abs(width) < VALUE_MAX;
      const miss = Math.max(0, low - actual, actual - high);
      terms[term] = isUsable ? width + (penalties[level] as number) * miss : 0;
      terms[term + 1] = isUsable ? width : 0;
      if (!isUsable) continue;
      this.count(base + FIXED_COUNTS + 2 * level);
      if (isCovered(actual, low, high)) this.count(base + FIXED_COUNTS + 2 * level + 1);
    }
  }

  private fillNaive(row: number, base: number, at: number): void {
    const { terms } = this;
    const { naive } = this.said;
    const actual = this.actual[0] as number;
    const names = this.countWidth - this.naiveAt;
    const first = at + FIXED_SUMS + 2 * this.penalties.length;
    for (let index = 0; index < names; index += 1) {
      const other = Math.abs((naive[row * names + index] as number) - actual);
      const isKnown = other < VALUE_MAX;
      terms[first + 2 * index] = isKnown ? other : 0;
      terms[first + 2 * index + 1] = isKnown ? 0 : (terms[at + ABSOLUTE_ERROR] as number);
      if (!isKnown) this.count(base + this.naiveAt + index);
    }
  }
}
