// Hot file: indices are in range by construction (the layout counts its words, and bounds and naive
// values are one a level or name of the shape), so typed-array reads are narrowed with `as number`.
import { assert } from '../core/assert.ts';
import type { ErrorSums } from '../schemas/partial.ts';
import type { ScoredStep } from '../schemas/score.ts';
import type { SumsShape } from './error-sums.ts';
import { addTerms, sumAt, TERM_MAX, type Spill } from './two-word-sum.ts';

/** What a larger error or actual than this would overflow when it is squared. */
const VALUE_MAX = 2 ** 500;

/**
 * Counts at the head of a step's words; one a level or opponent follow, then the sums, two words
 * each.
 */
const COUNT = 0;
const EXCLUDED = 1;
const PERCENTAGE_COUNT = 2;
const SCALED_COUNT = 3;
const FIXED_COUNTS = 4;
/** Sums, by their place among the terms. */
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

export interface StepSumsShape extends SumsShape {
  readonly levels: Float64Array;
  readonly horizon: number;
}

/** Exact sums of one model's errors, step by step: the hot form of `ErrorSums`. */
export class StepSums {
  readonly shape: StepSumsShape;
  readonly words: Float64Array;
  readonly spill: Spill;
  private readonly stepWords: number;
  private readonly naiveAt: number;
  private readonly sumsAt: number;
  /** 2/α a level. */
  private readonly penalties: Float64Array;
  /** What one scored step adds to each sum; 0: nothing. */
  private readonly terms: Float64Array;

  constructor(shape: StepSumsShape, words?: Float64Array, spill: Spill = new Map()) {
    const { levels, naiveNames, horizon } = shape;
    this.shape = shape;
    this.naiveAt = FIXED_COUNTS + 2 * levels.length;
    this.sumsAt = this.naiveAt + naiveNames.length;
    this.terms = new Float64Array(FIXED_SUMS + 2 * levels.length + 2 * naiveNames.length);
    this.stepWords = this.sumsAt + 2 * this.terms.length;
    this.penalties = levels.map((level) => 2 / (1 - level / 100));
    this.words = words ?? new Float64Array(this.stepWords * horizon);
    this.spill = spill;
    assert(this.words.length === this.stepWords * horizon, 'sums were kept in another layout');
  }

  clone(): StepSums {
    const spill: Spill = new Map();
    for (const [at, partials] of this.spill) spill.set(at, [...partials]);
    return new StepSums(this.shape, this.words.slice(), spill);
  }

  add(scored: ScoredStep, actual: number, sign: Sign): void {
    const { words } = this;
    const { step, mean } = scored;
    assert(step >= 1 && step <= this.shape.horizon, `step ${step} is beyond the horizon`);
    const base = (step - 1) * this.stepWords;
    const signed = mean - actual;
    const error = Math.abs(signed);
    const size = Math.abs(actual);
    if (!(error < VALUE_MAX && size < VALUE_MAX)) {
      words[base + EXCLUDED] = (words[base + EXCLUDED] as number) + sign;
      return;
    }
    words[base + COUNT] = (words[base + COUNT] as number) + sign;
    const { terms } = this;
    terms.fill(0);
    terms[ABSOLUTE_ERROR] = error;
    terms[ABSOLUTE_ACTUAL] = size;
    terms[SQUARED_ERROR] = error * error;
    terms[SIGNED_ERROR] = signed;
    const both = size + Math.abs(mean);
    if (both > 0) terms[SYMMETRIC_ERROR] = error / both;
    const percentage = error / size;
    if (percentage < TERM_MAX) {
      words[base + PERCENTAGE_COUNT] = (words[base + PERCENTAGE_COUNT] as number) + sign;
      terms[PERCENTAGE_ERROR] = percentage;
    }
    const scaled = error / scored.scale;
    if (scored.scale > 0 && scaled < TERM_MAX) {
      words[base + SCALED_COUNT] = (words[base + SCALED_COUNT] as number) + sign;
      terms[SCALED_ERROR] = scaled;
    }
    this.fillIntervals(base, scored, actual, sign);
    this.fillNaive(base, scored.naive, actual, sign);
    if (sign < 0) for (const [index, term] of terms.entries()) terms[index] = -term;
    addTerms(this, base + this.sumsAt, terms);
  }

  /** The sums of one step, 1 first, in canonical form. */
  sumsOf(step: number): ErrorSums {
    const { words, spill } = this;
    const base = (step - 1) * this.stepWords;
    const at = base + this.sumsAt;
    const { levels, naiveNames } = this.shape;
    const winkler = at + 2 * FIXED_SUMS;
    const naive = winkler + 4 * levels.length;
    const count = (index: number): number => words[base + index] as number;
    const sum = (index: number): Float64Array => sumAt(words, index, spill);
    return {
      count: count(COUNT),
      excluded: count(EXCLUDED),
      absoluteError: sum(at),
      absoluteActual: sum(at + 2),
      squaredError: sum(at + 4),
      signedError: sum(at + 6),
      percentageError: sum(at + 8),
      percentageCount: count(PERCENTAGE_COUNT),
      symmetricError: sum(at + 10),
      scaledError: sum(at + 12),
      scaledCount: count(SCALED_COUNT),
      intervalCount: levels.map((_, level) => count(FIXED_COUNTS + 2 * level)),
      covered: levels.map((_, level) => count(FIXED_COUNTS + 2 * level + 1)),
      winkler: Array.from(levels, (_, level) => sum(winkler + 4 * level)),
      width: Array.from(levels, (_, level) => sum(winkler + 4 * level + 2)),
      naiveAbsoluteError: naiveNames.map((_, index) => sum(naive + 4 * index)),
      naiveExcluded: Float64Array.from(naiveNames, (_, index) => count(this.naiveAt + index)),
      naiveExcludedError: naiveNames.map((_, index) => sum(naive + 4 * index + 2)),
    };
  }

  // eslint-disable-next-line max-params -- an object a step would be garbage
  private fillIntervals(base: number, scored: ScoredStep, actual: number, sign: Sign): void {
    const { words, terms, penalties } = this;
    const { lower, upper } = scored;
    for (let level = 0; level < penalties.length; level += 1) {
      const low = lower[level] as number;
      const high = upper[level] as number;
      const width = high - low;
      if (!(Math.abs(width) < VALUE_MAX)) continue;
      const counts = base + FIXED_COUNTS + 2 * level;
      words[counts] = (words[counts] as number) + sign;
      const miss = Math.max(0, low - actual, actual - high);
      if (miss === 0) words[counts + 1] = (words[counts + 1] as number) + sign;
      terms[FIXED_SUMS + 2 * level] = width + (penalties[level] as number) * miss;
      terms[FIXED_SUMS + 2 * level + 1] = width;
    }
  }

  // eslint-disable-next-line max-params -- as above
  private fillNaive(base: number, naive: Float32Array, actual: number, sign: Sign): void {
    const { words, terms } = this;
    const count = this.sumsAt - this.naiveAt;
    const first = FIXED_SUMS + 2 * this.penalties.length;
    for (let index = 0; index < count; index += 1) {
      const other = Math.abs((naive[index] as number) - actual);
      if (other < VALUE_MAX) {
        terms[first + 2 * index] = other;
        continue;
      }
      const excluded = base + this.naiveAt + index;
      words[excluded] = (words[excluded] as number) + sign;
      terms[first + 2 * index + 1] = terms[ABSOLUTE_ERROR] as number;
    }
  }
}
