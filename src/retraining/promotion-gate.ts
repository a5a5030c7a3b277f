import { comparableFrom, pairedTest, type PairedTest } from './paired-test.ts';

/** How one model did on the judging slice. */
export interface JudgedModel {
  readonly name: string;
  /**
   * Mean over series and steps of |error| / scale, one value a target time, in the order of the
   * targets.
   */
  readonly losses: Float64Array;
  readonly wape: number | null;
  /** Σ(forecast − actual) / Σ|actual|, in the units of the losses, so that no series decides. */
  readonly bias: number | null;
}

/** Models on the same pairs of forecasts and actuals. */
export interface Judgement {
  readonly horizon: number;
  readonly seasons: readonly number[];
  /** Targets that a verdict needs: what chance asks for, where the slice is as long. */
  readonly targetsMin: number;
  /** Period numbers of the targets, ascending. */
  readonly targets: Float64Array;
  /** Pairs (series, origin, step) that all models are judged on, and those left out. */
  readonly pairs: number;
  readonly excluded: number;
  /**
   * What rounding may add to the candidate's |bias|, in its units: half a unit a value where it
   * forecasts whole numbers, and they came.
   */
  readonly rounding: number;
  readonly candidate: JudgedModel;
  /** Null where nothing serves yet. */
  readonly champion: JudgedModel | null;
  readonly naive: readonly JudgedModel[];
}

export interface GatePolicy {
  /** By how much, as a share, the candidate's loss must be below the champion's. */
  readonly minImprovement: number;
}

/** A candidate against one rival. */
export interface RivalComparison {
  readonly rival: string;
  readonly candidateLoss: number;
  readonly rivalLoss: number;
  /** 1 − candidateLoss / rivalLoss. */
  readonly improvement: number;
  readonly test: PairedTest;
}

/** One demand on the candidate: `value` was measured, `limit` is what it is held to. */
export interface GateCheck {
  readonly name: string;
  readonly passed: boolean;
  readonly value: number | null;
  readonly limit: number;
}

export interface GateVerdict {
  readonly promote: boolean;
  /** The demands that were not met, in words; empty for a promotion. */
  readonly reasons: readonly string[];
  readonly checks: readonly GateCheck[];
  readonly comparisons: readonly RivalComparison[];
  readonly pairs: number;
  readonly excluded: number;
  readonly targets: number;
}

/** The chance, at each training, that a candidate is promoted which is no better. */
const FALSE_PROMOTION = 0.05;
/** Largest |bias| that needs no excuse by the champion's. */
const BIAS_TOLERANCE = 0.02;
/**
 * Target times that a comparison must span: so many long seasons, or short ones where there is no
 * long one.
 */
const LONG_SEASONS_MIN = 4;
const SHORT_SEASONS_MIN = 8;

/**
 * Decides whether a candidate may serve. Against a champion it must be better by a stated share and
 * by more than chance; against the best naive opponent, by more than chance. Where nothing serves
 * yet that opponent is the only rival: the share guards an incumbent from being changed for little,
 * and a naive forecast is no incumbent. Intervals are not judged: tasks calibrate them on the
 * errors of whatever model speaks.
 */
export const promotionGate = (
  judgement: Judgement,
  policy: GatePolicy,
  seed: string,
): GateVerdict => {
  const { champion, targets, targetsMin } = judgement;
  const min = Math.max(targetsMin, comparableFrom(judgement.horizon));
  const enough = check('target times', targets.length, { min });
  const naive = bestOf(judgement.naive);
  const rivals = [champion, naive].filter((rival) => rival !== null);
  const comparisons =
    targets.length === 0 ? [] : rivals.map((rival) => compare(judgement, rival, seed));
  const checks = [
    enough,
    ...comparisons.flatMap((comparison, index) => {
      const isChampion = champion !== null && index === 0;
      return significant(comparison, isChampion ? policy.minImprovement : 0);
    }),
    biasCheck(judgement),
  ];
  const reasons = checks.filter(({ passed }) => !passed).map(inWords);
  return {
    promote: reasons.length === 0 && comparisons.length > 0,
    reasons: comparisons.length > 0 ? reasons : [...reasons, 'there is no rival to compare with'],
    checks,
    comparisons,
    pairs: judgement.pairs,
    excluded: judgement.excluded,
    targets: targets.length,
  };
};

/** Target times below which chance decides. */
export const targetsNeeded = ([short = 1, long]: readonly number[]): number =>
  long === undefined ? SHORT_SEASONS_MIN * short : LONG_SEASONS_MIN * long;

const mean = (values: Float64Array): number => {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
};

const bestOf = (models: readonly JudgedModel[]): JudgedModel | null => {
  let best: JudgedModel | null = null;
  for (const model of models) {
    if (best === null || mean(model.losses) < mean(best.losses)) best = model;
  }
  return best;
};

const compare = (judgement: Judgement, rival: JudgedModel, seed: string): RivalComparison => {
  const { candidate, horizon, seasons } = judgement;
  const differences = candidate.losses.map((loss, index) => (rival.losses[index] ?? 0) - loss);
  const [candidateLoss, rivalLoss] = [mean(candidate.losses), mean(rival.losses)];
  return {
    rival: rival.name,
    candidateLoss,
    rivalLoss,
    improvement: rivalLoss > 0 ? 1 - candidateLoss / rivalLoss : 0,
    test: pairedTest(differences, { horizon, seasons, seed: `${seed}/${rival.name}` }),
  };
};

interface Limits {
  readonly min?: number;
  readonly max?: number;
  /** Like `min`, itself excluded. */
  readonly above?: number;
}

/** A value that is not known fails. */
const check = (name: string, value: number | null, limits: Limits): GateCheck => ({
  name,
  passed: value !== null && isWithin(value, limits),
  value,
  limit: limits.min ?? limits.max ?? limits.above ?? 0,
});

const isWithin = (value: number, { min, max, above }: Limits): boolean =>
  value >= (min ?? -Infinity) && value <= (max ?? Infinity) && value > (above ?? -Infinity);

const significant = (
  { rival, improvement, test }: RivalComparison,
  minImprovement: number,
): GateCheck[] => [
  check(`improvement on ${rival}`, improvement, { min: minImprovement }),
  check(`p-value against ${rival}`, test.pValue, { max: FALSE_PROMOTION }),
  check(`bootstrap lower end against ${rival}`, test.bootstrapLower, { above: 0 }),
];

const biasCheck = ({ candidate, champion, rounding }: Judgement): GateCheck => {
  const served = Math.abs(champion?.bias ?? 0);
  const size = candidate.bias === null ? null : Math.abs(candidate.bias);
  return check('|bias|', size, { max: Math.max(served, BIAS_TOLERANCE, rounding) });
};

const inWords = ({ name, value, limit }: GateCheck): string =>
  `${name} is ${value === null ? 'unknown' : rounded(value)}, the limit ${rounded(limit)}`;

const rounded = (value: number): string => String(Number(value.toPrecision(4)));
