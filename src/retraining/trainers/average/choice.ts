// Hot file: indices are in range by construction (rows are steps × members), so typed-array reads
// are narrowed with `as number`.
import { errorUnit } from '../../error-unit.ts';

/** How much worse than the best set a larger one may be. */
const TOLERANCE = 0.05;
/**
 * And how much worse than the best member one of them may be by itself: one that is far off is
 * lost among several, until the next stretch of data.
 */
const WEAKEST = 0.5;
/**
 * Weights fall with this power of a member's error: one that is a tenth worse than another counts
 * less than half as much.
 */
const SHARPNESS = 8;

/** One a candidate, 0 for those that are no members; their sum is 1. */
export type MemberWeights = Float64Array;

/** Every set of so many candidates, but for the empty one: 1 for a member, 0 for the others. */
export const setsOf = (candidates: number): readonly Uint8Array[] =>
  Array.from({ length: 2 ** candidates - 1 }, (_, index) =>
    Uint8Array.from({ length: candidates }, (_candidate, place) => ((index + 1) >> place) & 1),
  );

/** What one candidate did, in units of each series' scale. */
export interface CandidateErrors {
  /** Of it alone. */
  readonly error: number;
  /** Of the average without it, or with it if it is no member; null where none is left. */
  readonly otherwise: number | null;
}

interface HeldRow {
  /** Step by step: steps × candidates. */
  readonly said: Float64Array;
  readonly actuals: Float64Array;
  /** In which errors are counted. */
  readonly unit: number;
}

/** What candidates said of targets that they had not seen, and how far means of them were off. */
export class HeldErrors {
  private readonly candidates: number;
  private readonly rows: HeldRow[] = [];
  private count = 0;

  constructor(candidates: number) {
    this.candidates = candidates;
  }

  /** `means`: of the candidates, one a step; steps without an actual are left out. */
  add(means: readonly Float64Array[], actuals: Float64Array, scale: number): void {
    const isTold = (step: number): boolean =>
      !Number.isNaN(actuals[step]) && means.every((mean) => !Number.isNaN(mean[step]));
    const steps = [...actuals.keys()].filter(isTold);
    if (steps.length === 0) return;
    this.rows.push({
      said: Float64Array.from(steps.flatMap((step) => means.map((mean) => mean[step] as number))),
      actuals: Float64Array.from(steps, (step) => actuals[step] as number),
      unit: errorUnit(scale, meanErrors(means, actuals, steps)),
    });
    this.count += steps.length;
  }

  /** Mean absolute error of a weighted sum of the candidates; NaN where nothing was added. */
  of(weights: ArrayLike<number>): number {
    const { candidates, rows, count } = this;
    const used = Array.from(weights).flatMap((weight, place) => (weight > 0 ? [place] : []));
    let total = 0;
    for (const { said, actuals, unit } of rows) {
      let off = 0;
      for (let step = 0; step < actuals.length; step += 1) {
        let sum = 0;
        for (const place of used) {
          sum += (weights[place] as number) * (said[step * candidates + place] as number);
        }
        off += Math.abs((actuals[step] as number) - sum);
      }
      total += off / unit;
    }
    return total / count;
  }

  /** Of each candidate alone. */
  get alone(): Float64Array {
    const { candidates } = this;
    return Float64Array.from({ length: candidates }, (_, place) =>
      this.of(Array.from({ length: candidates }, (_other, at) => (at === place ? 1 : 0))),
    );
  }

  /**
   * Weights of the members to be averaged, from their errors alone; undefined where nothing was
   * added.
   */
  choose(): MemberWeights | undefined {
    if (this.count === 0) return undefined;
    const { alone } = this;
    return weighted(this.largest(alone), alone);
  }

  /** What each candidate brings to an average of such weights, or would bring. */
  scores(weights: MemberWeights): readonly CandidateErrors[] {
    const { alone } = this;
    return Array.from(alone, (error, place) => {
      const set = Uint8Array.from(weights, (weight, at) =>
        Number(at === place ? !weight : weight > 0),
      );
      return { error, otherwise: set.includes(1) ? this.of(weighted(set, alone)) : null };
    });
  }

  /**
   * The largest set whose plain mean is as good as the best one within a twentieth, without members
   * that are weak by themselves; of equally large ones the better. What one stretch of data tells
   * apart by less than that, the next one does not; and the mean of more models is off by less when
   * it is off.
   */
  private largest(alone: Float64Array): Uint8Array {
    const least = Math.min(...alone);
    const sets = setsOf(this.candidates)
      .filter((set) =>
        set.every((member, at) => !member || (alone[at] as number) <= least * (1 + WEAKEST)),
      )
      .map((set) => ({ set, size: sizeOf(set), error: this.of(equal(set)) }));
    const best = sets.reduce((lowest, { error }) => Math.min(lowest, error), Infinity);
    const close = sets.filter(({ error }) => error <= best * (1 + TOLERANCE));
    close.sort((one, other) => other.size - one.size || one.error - other.error);
    return close[0]?.set ?? new Uint8Array(this.candidates);
  }
}

/** Of each candidate alone. */
const meanErrors = (
  means: readonly Float64Array[],
  actuals: Float64Array,
  steps: readonly number[],
): Float64Array =>
  Float64Array.from(
    means,
    (mean) =>
      steps.reduce(
        (sum, step) => sum + Math.abs((actuals[step] as number) - (mean[step] as number)),
        0,
      ) / steps.length,
  );

const sizeOf = (set: Uint8Array): number => set.reduce((size, member) => size + member, 0);

/** The plain mean of a set. */
export const equal = (set: ArrayLike<number>): MemberWeights => {
  const members = Uint8Array.from(set);
  return Float64Array.from(members, (member) => member / sizeOf(members));
};

/** (least error / error)^8 of each member, over their sum. */
const weighted = (set: Uint8Array, alone: Float64Array): MemberWeights => {
  const least = Math.min(...alone);
  // Where a candidate was never off, all that are not have nothing to add.
  const parts = Float64Array.from(set, (member, at) => {
    const error = alone[at] as number;
    return error === least ? member : member * (least / error) ** SHARPNESS;
  });
  const sum = parts.reduce((total, part) => total + part, 0);
  return parts.map((part) => part / sum);
};
