import { historyNeeded, startOf } from '../../../evaluation/history.ts';
import type { LinearModel } from '../../../models/linear-model.ts';
import type { Member, WeightedMember } from '../../../models/average/member.ts';
import { effectInput, type HolidayEffects } from '../../../models/average/holiday-effects.ts';
import type { TreeModel } from '../../../models/trees/tree-model.ts';
import { boost, type BoostOptions } from '../gbdt/gbdt-fit.ts';
import { samplesOf, type Samples } from '../gbdt/samples.ts';
import { fitRidge } from '../ridge-fit.ts';
import type { Comparison } from '../../trainer.ts';
import type { RowsInput } from '../training-rows.ts';
import { fitRecursion } from './recursion-fit.ts';
import {
  candidatesOf,
  designOf,
  recursionOf,
  ruleOf,
  type MemberCandidate,
  type TreeCandidate,
} from './candidates.ts';
import { HolidayYears } from './holiday-years.ts';
import { equal, type MemberWeights } from './choice.ts';
import { compare, type Compared } from './comparison.ts';

/** Equal rows and an equal seed give equal members. */
export type AverageInput = RowsInput & { readonly seed: string };

export interface AverageOptions extends BoostOptions {
  readonly samplesEnough?: number;
  /** Rows of a fit below which nothing is held back to choose members by. */
  readonly rowsMin?: number;
}

/** Models whose mean is forecast, and what they read beside the features. */
export interface Averaged {
  readonly members: readonly WeightedMember[];
  /** Absent where no holiday was seen twice. */
  readonly effects: HolidayEffects | undefined;
}

export interface AverageFit extends Averaged {
  readonly names: readonly string[];
  readonly rows: number;
  /** The members as they were fitted before a period, which they were chosen on; absent if not. */
  readonly heldBack?: Averaged & { readonly fromPeriod: number };
  /** What they were chosen by, if they were. */
  readonly comparison?: Comparison;
}

export interface FitWatch {
  readonly report: (share: number) => void;
  /** Milliseconds, to tell what a candidate costs. */
  readonly monotonic: () => number;
}

const UNWATCHED: FitWatch = { report: () => undefined, monotonic: () => 0 };

/**
 * Fewer and faster steps than of trees that stand alone: what one ensemble is off by for that, the
 * mean of several is not.
 */
const DEFAULTS = {
  ...{ trees: 120, rate: 0.12, leafMin: 40, sampleShare: 0.5, inputShare: 0.4 },
  ...{ samplesEnough: 200_000, rowsMin: 200 },
};
/** Long seasons that are held back, or short ones where there is no long one. */
const SEASONS_COMPARED = 4;
/** And periods at least: four weeks of days are too few to tell models apart. */
const PERIODS_COMPARED = 200;
/** Of all targets at most. */
const SHARE_COMPARED = 0.25;

/**
 * The models whose mean forecast best what was held back at the end of the window, fitted again on
 * all of it: chosen by a backtest inside of what may be learnt from, for the panel at hand. A pure
 * function of its input and its seed.
 * @see Bates and Granger, The combination of forecasts (1969)
 */
export const fitAverage = (
  { seed, ...input }: AverageInput,
  options: AverageOptions = {},
  { report, monotonic }: FitWatch = UNWATCHED,
): AverageFit => {
  const { samplesEnough, rowsMin, ...boosting } = { ...DEFAULTS, ...options };
  const candidates = candidatesOf(input);
  const fits = new Fits({
    ...{ boosting, samplesEnough, seed, report },
    total: 2 * candidates.length,
  });
  const from = comparedFrom(input);
  const past = withHolidays({ ...input, toPeriod: from });
  const before = fits.of(past, candidates);
  const compared =
    before.rows < rowsMin
      ? undefined
      : compare({ ...input, more: past.more, fromPeriod: from }, before.members, monotonic);
  const weights = compared?.weights ?? safeOnes(candidates);
  const some = candidates.filter((_, place) => (weights[place] ?? 0) > 0);
  const whole = withHolidays(input);
  const { members, rows } = fits.of(whole, some);
  const names = some.map(({ name }) => name);
  const fit = {
    ...{ names, rows, effects: whole.more?.latest() },
    members: weighted(
      members,
      weights.filter((weight) => weight > 0),
    ),
  };
  if (compared === undefined) return fit;
  return {
    ...fit,
    heldBack: {
      members: weighted(before.members, weights).filter(({ weight }) => weight > 0),
      effects: past.more?.latest(),
      fromPeriod: from,
    },
    comparison: comparisonOf(candidates, compared),
  };
};

const weighted = (members: readonly Member[], weights: MemberWeights): readonly WeightedMember[] =>
  members.map((member, place) => ({ member, weight: weights[place] ?? 0 }));

const comparisonOf = (
  candidates: readonly MemberCandidate[],
  { error, origins, scores }: Compared,
): Comparison => ({
  ...{ error, origins },
  candidates: scores.map((score, place) => ({ name: candidates[place]?.name ?? '', ...score })),
});

/** Rows that also tell what the holidays before each origin brought. */
const withHolidays = (
  input: RowsInput,
): RowsInput & { readonly more?: HolidayYears | undefined } => ({
  ...input,
  more: HolidayYears.of(input),
});

/** Equal weights of those that need not be seen to be good. */
const safeOnes = (candidates: readonly MemberCandidate[]): MemberWeights =>
  equal(candidates.map(({ isRisky }) => Number(isRisky !== true)));

/** Where what is held back begins: a share of the targets that there are to learn from. */
const comparedFrom = ({ featureSchema, series, fromPeriod, toPeriod }: RowsInput): number => {
  const { seasons, horizon } = featureSchema;
  const first = startOf(series);
  const targets = toPeriod - Math.max(fromPeriod, first + historyNeeded(seasons));
  const season = seasons.at(-1) ?? 1;
  const wanted = Math.max(SEASONS_COMPARED * season, 2 * horizon, PERIODS_COMPARED);
  // No origin can be compared in less than a horizon, and none learnt from in the rest.
  const least = Math.min(horizon + (seasons[0] ?? 1), targets / 2);
  const most = Math.max(targets * SHARE_COMPARED, least);
  return toPeriod - Math.floor(Math.min(wanted, Math.max(0, most)));
};

const linearFit = (
  input: RowsInput,
  candidate: Exclude<MemberCandidate, TreeCandidate>,
): { readonly model: LinearModel; readonly rows: number } => {
  if (candidate.kind === 'linear') return fitRidge(input, {});
  if (candidate.kind === 'rule') return { model: ruleOf(candidate, input), rows: 0 };
  const { learnt, told } = recursionOf(candidate, input);
  const { model, rows } = fitRecursion(input, learnt);
  return { model: { ...model, design: told.design }, rows };
};

interface FitsOptions {
  readonly boosting: BoostOptions & Required<Pick<BoostOptions, 'trees' | 'rate'>>;
  readonly samplesEnough: number;
  readonly seed: string;
  /** Members to be fitted in all. */
  readonly total: number;
  readonly report: (share: number) => void;
}

/**
 * Fits members one after the other; all trees of a window that read alike learn from the same
 * samples.
 */
class Fits {
  private readonly options: FitsOptions;
  private done = 0;

  constructor(options: FitsOptions) {
    this.options = options;
  }

  of(
    input: RowsInput,
    candidates: readonly MemberCandidate[],
  ): { readonly members: readonly Member[]; readonly rows: number } {
    const { samplesEnough } = this.options;
    let rows = 0;
    const samples = new Map<TreeCandidate['reads'], Samples>();
    const members = candidates.map((candidate): Member => {
      if (candidate.kind !== 'trees') {
        const fit = linearFit(input, candidate);
        rows = Math.max(rows, fit.rows);
        this.advance();
        const kind = candidate.kind === 'linear' ? 'linear' : 'recursion';
        return { kind, model: fit.model };
      }
      const { reads } = candidate;
      const some =
        samples.get(reads) ??
        samplesOf(input, { enough: samplesEnough, design: designOf(reads, input) });
      samples.set(reads, some);
      rows = Math.max(rows, some.rows);
      // Of what comes once a year, a tree that cannot read it learns nothing.
      const always = input.more === undefined ? [] : [effectInput(some.design)];
      return { kind: 'trees', model: this.grow(some, candidate, always) };
    });
    return { members, rows };
  }

  private grow(
    samples: Samples,
    { name, target, patience = 1 }: TreeCandidate,
    always: readonly number[],
  ): TreeModel {
    const { options, done } = this;
    const { trees, rate } = options.boosting;
    const model = boost(samples, {
      ...options.boosting,
      ...{ trees: patience * trees, rate: rate / patience, target, always },
      seed: `${options.seed}/${name}`,
      report: (share) => {
        options.report(Math.min(1, (done + share) / options.total));
      },
    });
    this.advance();
    return model;
  }

  private advance(): void {
    this.done += 1;
    this.options.report(Math.min(1, this.done / this.options.total));
  }
}
