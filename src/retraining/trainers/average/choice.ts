// Hot file: indices are in range by construction (errors are steps × sets), so typed-array reads
// are narrowed with `as number`.
import type { CandidateScore } from '../../trainer.ts';

/** How much worse than the best set a larger one may be. */
const TOLERANCE = 0.05;
/**
 * And how much worse than the best member one of them may be by itself: one that is far off is
 * lost among several, until the next stretch of data.
 */
const WEAKEST = 0.5;

/** How a member did, all in units of each series' scale. */
export type MemberScore = Pick<CandidateScore, 'isMember' | 'error' | 'otherwise'>;

/** Members whose mean is forecast, by their places, ascending. */
export type MemberSet = readonly number[];

/** Every set of so many members, but for the empty one. */
export const setsOf = (members: number): readonly MemberSet[] =>
  Array.from({ length: 2 ** members - 1 }, (_, index) =>
    Array.from({ length: members }, (_member, place) => place).filter(
      (place) => (((index + 1) >> place) & 1) === 1,
    ),
  );

/** Mean absolute errors, in units of each series' scale, of the mean of every set of members. */
export class SetErrors {
  readonly sets: readonly MemberSet[];
  private readonly sums: Float64Array;
  private count = 0;

  constructor(members: number) {
    this.sets = setsOf(members);
    this.sums = new Float64Array(this.sets.length);
  }

  /** `means`: of the members, one a step; steps without an actual are left out. */
  add(means: readonly Float64Array[], actuals: Float64Array, scale: number): void {
    const { sets, sums } = this;
    for (let step = 0; step < actuals.length; step += 1) {
      const actual = actuals[step] as number;
      const isSaid = means.every((said) => !Number.isNaN(said[step]));
      if (Number.isNaN(actual) || !isSaid) continue;
      this.count += 1;
      for (let index = 0; index < sets.length; index += 1) {
        const set = sets[index] as MemberSet;
        let sum = 0;
        for (const member of set) sum += (means[member] as Float64Array)[step] as number;
        sums[index] = (sums[index] as number) + Math.abs(actual - sum / set.length) / scale;
      }
    }
  }

  /** By set; NaN where nothing was added. */
  get errors(): Float64Array {
    return this.sums.map((sum) => sum / this.count);
  }

  /** Of the mean of a set; NaN of the empty one. */
  of(set: MemberSet): number {
    const index = set.reduce((bits, member) => bits + 2 ** member, 0) - 1;
    return this.errors[index] ?? Number.NaN;
  }

  /** What a member is off by alone, and what the mean of a set would be without or with it. */
  score(set: MemberSet, member: number): MemberScore {
    const isMember = set.includes(member);
    const others = set.filter((one) => one !== member);
    const otherwise = this.of(isMember ? others : [...set, member]);
    return {
      isMember,
      error: this.of([member]),
      otherwise: Number.isNaN(otherwise) ? null : otherwise,
    };
  }

  /**
   * The largest set that is as good as the best one within a twentieth, without members that are
   * weak by themselves; of equally large ones the better. What one stretch of data tells apart by
   * less than that, the next one does not; and the mean of more models is off by less when it is
   * off. Undefined where nothing was added.
   */
  best(): MemberSet | undefined {
    if (this.count === 0) return undefined;
    const { errors } = this;
    const scored = this.sets.map((set, index) => ({ set, error: errors[index] as number }));
    const alone = scored.filter(({ set }) => set.length === 1);
    const strong = new Set(within(alone, WEAKEST).flatMap(({ set }) => set));
    const usable = scored.filter(({ set }) => set.every((member) => strong.has(member)));
    const close = within(usable, TOLERANCE);
    close.sort((one, other) => other.set.length - one.set.length || one.error - other.error);
    return close[0]?.set;
  }
}

/** Those that are by no larger a share worse than the best one. */
const within = <One extends { readonly error: number }>(all: One[], share: number): One[] => {
  const least = all.reduce((best, { error }) => Math.min(best, error), Infinity);
  return all.filter(({ error }) => error <= least * (1 + share));
};
