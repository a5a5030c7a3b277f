// Hot file: indices are in range by construction, so typed-array reads are narrowed with `as
// number`.

import { DAY_MS } from '../core/duration.ts';
import { leastSkill } from '../evaluation/metrics.ts';
import { isCovered } from '../models/matured-forecasts.ts';
import type { Score, ScoredStep } from '../schemas/score.ts';

/** The window of running errors; a day is the smallest part of it that can be forgotten. */
const WINDOW_DAYS = 7;

/** Running errors of one series. Shares; null where nothing can be said. */
export interface ErrorSummary {
  /** Scored (target, step) pairs. */
  readonly count: number;
  readonly wape: number | null;
  readonly mase: number | null;
  /** Σ(forecast − actual) / Σ|actual|. */
  readonly bias: number | null;
  /** 1 − WAPE / WAPE of the best naive opponent, each over the pairs that both have. */
  readonly skill: number | null;
  /** WAPE of each opponent. */
  readonly naive: Readonly<Record<string, number | null>>;
  readonly coverage: readonly { readonly level: number; readonly share: number | null }[];
}

/** What is kept between two runs. */
export interface SavedErrors {
  readonly levels: Float64Array;
  readonly naiveNames: readonly string[];
  readonly days: ReadonlyMap<number, Float64Array>;
}

// A day's sums: these, then three for each opponent, then two for each level.
const COUNT = 0;
const ABSOLUTE_ERROR = 1;
const ABSOLUTE_ACTUAL = 2;
const SIGNED_ERROR = 3;
const SCALED_ERROR = 4;
const SCALED_COUNT = 5;
const NAIVE_FROM = 6;
/** Own error, the opponent's error and the actuals, over the pairs that both have. */
const NAIVE_SUMS = 3;
/** Intervals and how many of them held the actual. */
const LEVEL_SUMS = 2;

const ratio = (above: number, below: number): number | null => (below > 0 ? above / below : null);

/** Whether two lists have the same items in the same order. */
export const sameList = <T>(one: ArrayLike<T>, other: ArrayLike<T>): boolean =>
  one.length === other.length && Array.from(one).every((item, at) => item === other[at]);

const add = (sums: Float64Array, at: number, by: number): void => {
  sums[at] = (sums[at] as number) + by;
};

/** Errors of the last days of one series, summed up by the day of their target. */
export class RecentErrors {
  private levels: Float64Array;
  private naiveNames: readonly string[];
  private days: Map<number, Float64Array>;

  constructor(saved?: SavedErrors) {
    this.levels = saved?.levels ?? new Float64Array(0);
    this.naiveNames = saved?.naiveNames ?? [];
    this.days = new Map(saved?.days);
  }

  /** Takes a score in; a correction takes out first what it supersedes. */
  take(score: Score): void {
    this.adoptShape(score);
    const sums = this.sumsOf(Math.floor(score.target / DAY_MS));
    if (sums === undefined) return;
    const { supersededActual, actual, steps } = score;
    for (const step of steps) {
      if (supersededActual !== null) this.addStep(sums, step, { actual: supersededActual, by: -1 });
      this.addStep(sums, step, { actual, by: 1 });
    }
  }

  summary(): ErrorSummary {
    const sums = this.total();
    const at = (index: number): number => sums[index] ?? 0;
    const naive: Record<string, number | null> = {};
    const skills: (number | null)[] = [];
    let isAnyPerfect = false;
    for (const [index, name] of this.naiveNames.entries()) {
      const from = NAIVE_FROM + index * NAIVE_SUMS;
      naive[name] = ratio(at(from + 1), at(from + 2));
      isAnyPerfect ||= naive[name] === 0;
      const loss = ratio(at(from), at(from + 1));
      skills.push(loss === null ? null : 1 - loss);
    }
    return {
      count: at(COUNT),
      wape: ratio(at(ABSOLUTE_ERROR), at(ABSOLUTE_ACTUAL)),
      mase: ratio(at(SCALED_ERROR), at(SCALED_COUNT)),
      bias: ratio(at(SIGNED_ERROR), at(ABSOLUTE_ACTUAL)),
      skill: leastSkill(skills, isAnyPerfect),
      naive,
      coverage: Array.from(this.levels, (level, index) => {
        const from = this.levelsFrom + index * LEVEL_SUMS;
        return { level, share: ratio(at(from + 1), at(from)) };
      }),
    };
  }

  saved(): SavedErrors {
    return { levels: this.levels, naiveNames: this.naiveNames, days: this.days };
  }

  private get levelsFrom(): number {
    return NAIVE_FROM + this.naiveNames.length * NAIVE_SUMS;
  }

  /** Other levels or opponents come with another configuration: sums of both would say nothing. */
  private adoptShape({ levels, naiveNames }: Score): void {
    if (sameList(levels, this.levels) && sameList(naiveNames, this.naiveNames)) return;
    this.levels = Float64Array.from(levels);
    this.naiveNames = [...naiveNames];
    this.days = new Map();
  }

  /** Undefined when the day has left the window. */
  private sumsOf(day: number): Float64Array | undefined {
    const known = this.days.get(day);
    if (known !== undefined) return known;
    let latest = day;
    for (const other of this.days.keys()) latest = Math.max(latest, other);
    if (day <= latest - WINDOW_DAYS) return undefined;
    for (const other of this.days.keys()) {
      if (other <= latest - WINDOW_DAYS) this.days.delete(other);
    }
    const sums = new Float64Array(this.levelsFrom + this.levels.length * LEVEL_SUMS);
    this.days.set(day, sums);
    return sums;
  }

  private addStep(
    sums: Float64Array,
    step: ScoredStep,
    { actual, by }: { readonly actual: number; readonly by: 1 | -1 },
  ): void {
    const error = step.mean - actual;
    if (!Number.isFinite(error)) return;
    add(sums, COUNT, by);
    add(sums, ABSOLUTE_ERROR, by * Math.abs(error));
    add(sums, ABSOLUTE_ACTUAL, by * Math.abs(actual));
    add(sums, SIGNED_ERROR, by * error);
    if (step.scale > 0) {
      add(sums, SCALED_ERROR, (by * Math.abs(error)) / step.scale);
      add(sums, SCALED_COUNT, by);
    }
    for (let index = 0; index < this.naiveNames.length; index += 1) {
      const other = Math.abs((step.naive[index] as number) - actual);
      if (!Number.isFinite(other)) continue;
      const from = NAIVE_FROM + index * NAIVE_SUMS;
      add(sums, from, by * Math.abs(error));
      add(sums, from + 1, by * other);
      add(sums, from + 2, by * Math.abs(actual));
    }
    for (let index = 0; index < this.levels.length; index += 1) {
      const lower = step.lower[index] as number;
      const upper = step.upper[index] as number;
      if (!Number.isFinite(upper - lower)) continue;
      const from = this.levelsFrom + index * LEVEL_SUMS;
      add(sums, from, by);
      if (isCovered(actual, lower, upper)) add(sums, from + 1, by);
    }
  }

  private total(): Float64Array {
    const total = new Float64Array(this.levelsFrom + this.levels.length * LEVEL_SUMS);
    for (const sums of this.days.values()) {
      for (let at = 0; at < total.length; at += 1) add(total, at, sums[at] as number);
    }
    return total;
  }
}
