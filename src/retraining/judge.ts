// Hot file: indices are in range by construction (blocks and means have the same counts), so
// typed-array reads are narrowed with `as number`.
import { assert } from '../core/assert.ts';
import { historyNeeded, valueOf, type Panel } from '../evaluation/history.ts';
import { opponentNames, originBlocks, type OriginBlock } from '../evaluation/origin-blocks.ts';
import { ErrorSpread } from '../evaluation/error-spread.ts';
import { ratio } from '../evaluation/metrics.ts';
import type { ErrorProfile } from '../models/error-profile.ts';
import type { Forecaster } from '../models/forecaster.ts';
import { featureSchemaHash, type FeatureSchema } from '../schemas/feature-schema.ts';
import { JUDGED_HORIZONS, JUDGED_SHARE, JUDGED_SHARE_OF_HORIZONS } from './judged-share.ts';
import { targetsNeeded, type JudgedModel, type Judgement } from './promotion-gate.ts';

/**
 * Of the target times that a comparison must span, so many need an actual: shops close at night and
 * meters fall silent, and a panel of one series would never have a model for it.
 */
const KNOWN_SHARE = 1 / 2;
/** Periods from one origin to the next at most. */
const ORIGIN_STRIDE_MAX = 5;

/**
 * `scaled`: |error| in units of each series' own scale, so that all series count alike. `absolute`:
 * |error| as it is, so that a series counts by its size, as in WAPE: right where small series of
 * counts are mostly noise.
 */
export type Loss = 'scaled' | 'absolute';

export interface JudgedForecaster {
  readonly forecaster: Forecaster;
  readonly featureSchema: FeatureSchema;
}

export interface JudgeInput {
  readonly panel: Panel;
  /** Start of the training window; of all history where it is left out. */
  readonly fromPeriod?: number;
  /** End of the training window, exclusive. */
  readonly toPeriod: number;
  readonly candidate: JudgedForecaster;
  readonly champion: JudgedForecaster | null;
  /** Target periods to judge on, where that is more than the least that a gate asks for. */
  readonly periods?: number;
  /** In what errors are compared; `scaled` where nothing is said. */
  readonly loss?: Loss;
  readonly onProgress?: (share: number) => void;
}

/**
 * How a training window is split: a fit may see targets before `fitUntil`, the judge sees those of
 * [from, to).
 */
export interface JudgingSlice {
  readonly fitUntil: number;
  readonly from: number;
  readonly to: number;
}

/** Periods of which a slice is taken from the end. */
export interface TrainingSpan {
  /** Left out: longer than any slice. */
  readonly fromPeriod?: number | undefined;
  /** Exclusive. */
  readonly toPeriod: number;
}

/**
 * The last four long seasons (28 days of hours), or eight short ones, or three horizons, or more
 * where `periods` asks for them; but at most a quarter of the window, or half of it for the sake of
 * the horizons, and a horizon at least. Before it lies an embargo of one horizon, so that no error
 * of the fit's last targets reaches into the judgement.
 */
export const judgingSlice = (
  { seasons, horizon }: FeatureSchema,
  { fromPeriod = -Infinity, toPeriod }: TrainingSpan,
  periods = 0,
): JudgingSlice => {
  const window = toPeriod - fromPeriod;
  const horizons = JUDGED_HORIZONS * horizon;
  const most = Math.max(
    horizon,
    Math.floor(window * JUDGED_SHARE),
    Math.min(horizons, Math.floor(window * JUDGED_SHARE_OF_HORIZONS)),
  );
  const from = toPeriod - Math.min(most, Math.max(periods, targetsNeeded(seasons), horizons));
  return { fitUntil: from - horizon, from, to: toPeriod };
};

export interface Judged extends Judgement {
  /** How far off the candidate was, for its intervals to begin with; undefined: of too little. */
  readonly errors: ErrorProfile | undefined;
}

/**
 * Has candidate, champion and naive opponents forecast the judging slice from the same origins, and
 * compares them on the pairs that all of them have.
 */
export const judge = async (
  { panel, candidate, champion, periods, loss = 'scaled', onProgress, ...span }: JudgeInput,
  signal: AbortSignal,
): Promise<Judged> => {
  const schema = candidate.featureSchema;
  const slice = judgingSlice(schema, span, periods);
  const judged = champion === null ? [candidate] : [candidate, champion];
  const schemas: [FeatureSchema, ...FeatureSchema[]] = [schema];
  if (champion !== null) schemas.push(champion.featureSchema);
  const naive = opponentNames(schema);
  const names = [...judged.map(({ forecaster }) => forecaster.identity.name), ...naive];
  const sums = new PairSums(names, { slice, schema, loss });
  const origins = originsOf(slice, schema);
  let done = 0;
  for (const block of originBlocks({ panel, schemas, origins })) {
    signal.throwIfAborted();
    const means = await Promise.all(judged.map((model) => predict(model, block)));
    sums.add(block, means);
    done += block.count;
    onProgress?.(done / (panel.series.length * origins.length));
  }
  return sums.judgement(champion !== null);
};

const greatestDivisor = (one: number, other: number): number =>
  other === 0 ? one : greatestDivisor(other, one % other);

/**
 * Periods from one origin to the next: no more than a horizon, so that every target has a forecast,
 * and coprime with every season, so that no slot has a second origin before all have had one.
 */
const strideOf = ({ seasons, horizon }: FeatureSchema): number => {
  let stride = Math.min(ORIGIN_STRIDE_MAX, horizon);
  while (seasons.some((season) => greatestDivisor(season, stride) > 1)) stride -= 1;
  return stride;
};

/** Origins whose first target lies in the slice. */
const originsOf = ({ from, to }: JudgingSlice, schema: FeatureSchema): number[] => {
  const origins: number[] = [];
  const stride = strideOf(schema);
  for (let origin = from - 1; origin < to - 1; origin += stride) origins.push(origin);
  return origins;
};

const predict = (
  { forecaster, featureSchema }: JudgedForecaster,
  block: OriginBlock,
): Promise<Float64Array> => {
  const rows = block.rows.get(featureSchemaHash(featureSchema));
  assert(rows !== undefined, 'a judged model has no rows');
  return forecaster.predict(rows, block.count);
};

/** One block as the sums see it: who says what of which step. */
interface Sayings {
  readonly block: OriginBlock;
  /** Of the models, in their order. */
  readonly means: readonly Float64Array[];
}

/** Sums of errors by model, and by model and target time. */
class PairSums {
  private readonly names: readonly string[];
  private readonly slice: JudgingSlice;
  private readonly schema: FeatureSchema;
  private readonly loss: Loss;
  private readonly losses: readonly Float64Array[];
  private readonly counts: Float64Array;
  private readonly errors: Float64Array;
  private readonly signed: Float64Array;
  private readonly forecasts: Float64Array;
  private readonly spread: ErrorSpread;
  private actuals = 0;
  private pairs = 0;
  private excluded = 0;

  constructor(
    names: readonly string[],
    { slice, schema, loss }: { slice: JudgingSlice; schema: FeatureSchema; loss: Loss },
  ) {
    const targets = slice.to - slice.from;
    this.names = names;
    this.loss = loss;
    this.slice = slice;
    this.schema = schema;
    this.losses = names.map(() => new Float64Array(targets));
    this.counts = new Float64Array(targets);
    this.errors = new Float64Array(names.length);
    this.signed = new Float64Array(names.length);
    this.forecasts = new Float64Array(names.length);
    this.spread = new ErrorSpread(schema);
  }

  add(block: OriginBlock, means: readonly Float64Array[]): void {
    const { horizon } = this.schema;
    const needed = historyNeeded(this.schema.seasons);
    for (let index = 0; index < block.count; index += 1) {
      const origin = block.origins[index] as number;
      const steps = Math.min(horizon, this.slice.to - 1 - origin);
      const isOld = (block.history[index] as number) > needed;
      for (let step = 1; step <= steps; step += 1) {
        const isPair = isOld && this.addPair({ block, means }, index, step);
        if (isPair) this.pairs += 1;
        else this.excluded += 1;
      }
    }
  }

  judgement(hasChampion: boolean): Judged {
    const known = [...this.counts.keys()].filter((target) => (this.counts[target] ?? 0) > 0);
    const models = this.names.map((name, model) => this.judged(name, model, known));
    const [candidate, ...others] = models;
    assert(candidate !== undefined, 'nobody is judged');
    const wanted = targetsNeeded(this.schema.seasons);
    return {
      horizon: this.schema.horizon,
      seasons: this.schema.seasons,
      targetsMin: Math.ceil(KNOWN_SHARE * Math.min(wanted, this.slice.to - this.slice.from)),
      targets: Float64Array.from(known, (target) => this.slice.from + target),
      pairs: this.pairs,
      excluded: this.excluded,
      candidate,
      champion: hasChampion ? (others[0] ?? null) : null,
      naive: others.slice(hasChampion ? 1 : 0),
      errors: this.spread.profile(),
    };
  }

  private judged(name: string, model: number, known: readonly number[]): JudgedModel {
    const losses = this.losses[model];
    assert(losses !== undefined, 'a model has no losses');
    return {
      name,
      losses: Float64Array.from(
        known,
        (target) => (losses[target] as number) / (this.counts[target] as number),
      ),
      wape: ratio(this.errors[model] as number, this.actuals),
      bias: ratio(this.signed[model] as number, this.actuals),
    };
  }

  /** False, and nothing is added, unless the actual is known and everybody has something to say. */
  private addPair(sayings: Sayings, index: number, step: number): boolean {
    const { block } = sayings;
    const target = (block.origins[index] as number) + step;
    const actual = valueOf(block.series, target);
    if (!Number.isFinite(actual + this.gather(sayings, index, step))) return false;
    const scale = block.scale[index] as number;
    const unit = this.loss === 'scaled' ? scale : 1;
    this.spread.add(target, step, Math.abs((this.forecasts[0] as number) - actual) / scale);
    const at = target - this.slice.from;
    for (let model = 0; model < this.forecasts.length; model += 1) {
      const error = (this.forecasts[model] as number) - actual;
      const losses = this.losses[model];
      if (losses !== undefined) losses[at] = (losses[at] as number) + Math.abs(error) / unit;
      this.errors[model] = (this.errors[model] as number) + Math.abs(error);
      this.signed[model] = (this.signed[model] as number) + error;
    }
    this.actuals += Math.abs(actual);
    this.counts[at] = (this.counts[at] as number) + 1;
    return true;
  }

  /**
   * Puts everybody's mean of a step into `forecasts`; returns their sum, which is finite only if
   * all are.
   */
  private gather({ block, means }: Sayings, index: number, step: number): number {
    const { horizon } = this.schema;
    const naives = this.names.length - means.length;
    const row = index * horizon + step - 1;
    let sum = block.scale[index] as number;
    for (let model = 0; model < this.names.length; model += 1) {
      const naive = model - means.length;
      const mean = naive < 0 ? means[model]?.[row] : block.naive[row * naives + naive];
      this.forecasts[model] = mean ?? Number.NaN;
      sum += this.forecasts[model] as number;
    }
    return sum;
  }
}
