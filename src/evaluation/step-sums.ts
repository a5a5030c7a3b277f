// Hot file: indices are in range by construction (the layout counts its words, and bounds and naive
// values are one a level or name of the shape), so typed-array reads are narrowed with `as number`.
import { assert } from '../core/assert.ts';
import type { ErrorSums } from '../schemas/partial.ts';
import type { ScoredStep } from '../schemas/score.ts';
import type { SumsShape } from './error-sums.ts';
import { addTerm, sumAt, TERM_MAX, type Spill } from './two-word-sum.ts';

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

  constructor(shape: StepSumsShape, words?: Float64Array, spill: Spill = new Map()) {
    const { levels, naiveNames, horizon } = shape;
    this.shape = shape;
    this.naiveAt = FIXED_COUNTS + 2 * levels.length;
    this.sumsAt = this.naiveAt + naiveNames.length;
    this.stepWords = this.sumsAt + 2 * (FIXED_SUMS + 2 * levels.length + 2 * naiveNames.length);
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
    const { words, spill } = this;
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
    const at = base + this.sumsAt;
    addTerm(words, at, sign * error, spill);
    addTerm(words, at + 2, sign * size, spill);
    addTerm(words, at + 4, sign * error * error, spill);
    addTerm(words, at + 6, sign * signed, spill);
    const both = size + Math.abs(mean);
    if (both > 0) addTerm(words, at + 10, sign * (error / both), spill);
    this.addRatios(base, scored.scale, error, size, sign);
    this.addIntervals(base, scored, actual, sign);
    this.addNaive(base, scored.naive, actual, error, sign);
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
  private addRatios(base: number, scale: number, error: number, size: number, sign: Sign): void {
    const { words, spill } = this;
    const at = base + this.sumsAt;
    const percentage = error / size;
    if (percentage < TERM_MAX) {
      words[base + PERCENTAGE_COUNT] = (words[base + PERCENTAGE_COUNT] as number) + sign;
      addTerm(words, at + 8, sign * percentage, spill);
    }
    const scaled = error / scale;
    if (scale > 0 && scaled < TERM_MAX) {
      words[base + SCALED_COUNT] = (words[base + SCALED_COUNT] as number) + sign;
      addTerm(words, at + 12, sign * scaled, spill);
    }
  }

  // eslint-disable-next-line max-params -- as above
  private addIntervals(base: number, scored: ScoredStep, actual: number, sign: Sign): void {
    const { words, spill, penalties } = this;
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
      const at = base + this.sumsAt + 2 * FIXED_SUMS + 4 * level;
      addTerm(words, at, sign * (width + (penalties[level] as number) * miss), spill);
      addTerm(words, at + 2, sign * width, spill);
    }
  }

  // eslint-disable-next-line max-params -- as above
  private addNaive(
    base: number,
    naive: Float32Array,
    actual: number,
    error: number,
    sign: Sign,
  ): void {
    const { words, spill } = this;
    const count = this.sumsAt - this.naiveAt;
    const first = base + this.sumsAt + 2 * FIXED_SUMS + 4 * this.penalties.length;
    for (let index = 0; index < count; index += 1) {
      const other = Math.abs((naive[index] as number) - actual);
      const at = first + 4 * index;
      if (other < VALUE_MAX) {
        addTerm(words, at, sign * other, spill);
        continue;
      }
      const excluded = base + this.naiveAt + index;
      words[excluded] = (words[excluded] as number) + sign;
      addTerm(words, at + 2, sign * error, spill);
    }
  }
}
