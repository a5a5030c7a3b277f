import { DAY_MS } from '../../../core/duration.ts';
import { mergeSums } from '../../../evaluation/error-sums.ts';
import { StepSums, type StepSumsShape } from '../../../evaluation/step-sums.ts';
import { decodeStepSums, encodeStepSums } from '../../../evaluation/step-sums-bytes.ts';
import type { ModelRef } from '../../../schemas/forecast.ts';
import type { AccuracyPartial } from '../../../schemas/partial.ts';
import type { ColumnarScore } from '../../../schemas/columnar-score.ts';
import type { Keyed, KeyedDefinition } from '../../../state/keyed.ts';

/** One model's errors on the targets of one day (UTC), as far as one scores partition knows. */
export interface DaySums {
  readonly model: ModelRef;
  /** Epoch ms: start of the day. */
  readonly day: number;
  readonly sums: StepSums;
  /** Of the next partial: 0, or more once the day has been told of without these sums. */
  revision: number;
  /** Something was added since the last partial. */
  isChanged: boolean;
}

/** What of a `DaySums` is plain. */
interface DayHeader {
  readonly model: ModelRef;
  readonly day: number;
  readonly revision: number;
  readonly isChanged: boolean;
}

export const daySumsStore: KeyedDefinition<DaySums> = {
  kind: 'keyed',
  name: 'day-sums',
  version: 2,
  initial: (key) => {
    throw new Error(`sums of a day are made with their shape, not by their key ${key}`);
  },
  clone: (value) => ({ ...value, sums: value.sums.clone() }),
  encode: ({ sums, ...header }) => encodeStepSums(sums, header),
  decode: (bytes) => {
    const { sums, header } = decodeStepSums(bytes);
    // Written by `encode` above, under the same store version.
    return { ...(header as DayHeader), sums };
  },
};

export const dayOf = (target: number): number => Math.floor(target / DAY_MS) * DAY_MS;

const NOBODY: ModelRef = { name: '', version: '', sha256: '', role: 'fallback' };

const keyOf = (
  { model, levels, naiveNames }: ColumnarScore,
  day: number,
  horizon: number,
): string =>
  `${day}|${model.role}|${model.sha256}|${model.version}|${model.name}|${horizon}|` +
  `${levels.join()}|${naiveNames.join()}`;

/** Keys of sums; neighbouring scores share one, which is not made again for each. */
export class DayKeys {
  private readonly horizon: number;
  private last: { readonly model: ModelRef; readonly levels: Float64Array; readonly day: number };
  private key = '';

  constructor(horizon: number) {
    this.horizon = horizon;
    this.last = { model: NOBODY, levels: new Float64Array(0), day: Number.NaN };
  }

  /** The same objects are the same model, levels and names: see `columnarScoreType`. */
  of(score: ColumnarScore, day: number): string {
    const { model, levels } = score;
    const { last } = this;
    if (model === last.model && levels === last.levels && day === last.day) return this.key;
    this.last = { model, levels, day };
    this.key = keyOf(score, day, this.horizon);
    return this.key;
  }
}

/**
 * The sums that a score belongs to, to be changed in this batch. `nextDay`: the first day not told
 * of yet. Undefined: they do not hold what the score supersedes, so that it cannot be taken out.
 */
export const touchDay = (
  days: Keyed<DaySums>,
  score: ColumnarScore,
  at: {
    readonly key: string;
    readonly day: number;
    readonly horizon: number;
    readonly nextDay: number;
  },
): DaySums | undefined => {
  const { key, day, horizon, nextDay } = at;
  if (days.find(key) !== undefined) return days.touch(key);
  if (score.supersededActual !== null) return undefined;
  const shape: StepSumsShape = {
    levels: Float64Array.from(score.levels),
    naiveNames: [...score.naiveNames],
    horizon,
  };
  const made: DaySums = {
    model: score.model,
    day,
    sums: new StepSums(shape),
    revision: day < nextDay ? 1 : 0,
    isChanged: true,
  };
  days.put(key, made);
  return made;
};

/**
 * Adds a score, and takes out the one that it supersedes: of a correction only the actual differs.
 */
export const addScore = (sums: StepSums, score: ColumnarScore): void => {
  if (score.supersededActual !== null) sums.add(score.steps, score.supersededActual, -1);
  sums.add(score.steps, score.actual, 1);
};

export const partialOf = (
  { model, day, sums, revision }: DaySums,
  partition: number,
): AccuracyPartial => {
  const { levels, naiveNames, horizon } = sums.shape;
  const perStep = Array.from({ length: horizon }, (_, index) => sums.sumsOf(index + 1));
  return {
    type: 'AccuracyPartial',
    model: model.name,
    version: model.version,
    sha256: model.sha256,
    role: model.role,
    scope: 'model',
    windowStart: day,
    windowEnd: day + DAY_MS,
    partition,
    revision,
    levels,
    naiveNames,
    total: mergeSums(perStep, sums.shape),
    perStep,
  };
};
