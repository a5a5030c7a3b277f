// Hot file: indices are in range by construction (blocks and means have the same counts), so
// typed-array reads are narrowed with `as number`.
import { assert } from '../core/assert.ts';
import { ErrorSpread } from '../evaluation/error-spread.ts';
import { historyNeeded, valueOf } from '../evaluation/history.ts';
import { ratio } from '../evaluation/metrics.ts';
import type { OriginBlock } from '../evaluation/origin-blocks.ts';
import type { ErrorProfile } from '../models/error-profile.ts';
import type { FeatureSchema } from '../schemas/feature-schema.ts';
import { errorUnit } from './error-unit.ts';
import { targetsNeeded, type JudgedModel, type Judgement } from './promotion-gate.ts';

/**
 * Of the target times that a comparison must span, so many need an actual: shops close at night and
 * meters fall silent, and a panel of one series would never have a model for it.
 */
const KNOWN_SHARE = 1 / 2;

/** By how much rounding to a whole number moves a forecast at most. */
const ROUNDING_MAX = 1 / 2;

/**
 * `scaled`: |error| in units of each series' own scale, so that all series count alike. `absolute`:
 * |error| as it is, so that a series counts by its size, as in WAPE: right where small series of
 * counts are mostly noise.
 */
export type Loss = 'scaled' | 'absolute';

export interface Judged extends Judgement {
  /** How far off the candidate was, for its intervals to begin with; undefined: of too little. */
  readonly errors: ErrorProfile | undefined;
}

/** What is compared: target periods [from, to), of models with this schema, in this loss. */
export interface PairSumsShape {
  readonly slice: { readonly from: number; readonly to: number };
  readonly schema: FeatureSchema;
  readonly loss: Loss;
}

/** One block as the sums see it: who says what of which step. */
interface Sayings {
  readonly block: OriginBlock;
  /** Of the models, in their order. */
  readonly means: readonly Float64Array[];
}

/** What came of the steps of one origin, and how far off everybody was; reused for the next one. */
interface Pairs {
  count: number;
  readonly steps: Int32Array;
  readonly actuals: Float64Array;
  /** By model. */
  readonly errors: readonly Float64Array[];
}

/** Sums of errors by model, and by model and target time. */
export class PairSums {
  private readonly names: readonly string[];
  private readonly shape: PairSumsShape;
  private readonly losses: readonly Float64Array[];
  private readonly counts: Float64Array;
  private readonly errors: Float64Array;
  /** Errors with their signs, in the units of their rows. */
  private readonly signed: Float64Array;
  private readonly spread: ErrorSpread;
  private readonly row: Pairs;
  private actuals = 0;
  /** |Actuals| in the units of their rows. */
  private sizes = 0;
  /** Half a unit for each whole number that the candidate said of whole numbers. */
  private rounded = 0;
  private pairs = 0;
  private excluded = 0;

  constructor(names: readonly string[], shape: PairSumsShape) {
    const targets = shape.slice.to - shape.slice.from;
    this.names = names;
    this.shape = shape;
    this.losses = names.map(() => new Float64Array(targets));
    this.counts = new Float64Array(targets);
    this.errors = new Float64Array(names.length);
    this.signed = new Float64Array(names.length);
    this.spread = new ErrorSpread(shape.schema);
    const { horizon } = shape.schema;
    this.row = {
      count: 0,
      steps: new Int32Array(horizon),
      actuals: new Float64Array(horizon),
      errors: names.map(() => new Float64Array(horizon)),
    };
  }

  add(block: OriginBlock, means: readonly Float64Array[]): void {
    const { schema, slice } = this.shape;
    const needed = historyNeeded(schema.seasons);
    for (let index = 0; index < block.count; index += 1) {
      const origin = block.origins[index] as number;
      const steps = Math.min(schema.horizon, slice.to - 1 - origin);
      const isOld = (block.history[index] as number) > needed;
      this.gather({ block, means }, index, isOld ? steps : 0);
      this.addRow(origin, block.scale[index] as number);
      this.excluded += steps - this.row.count;
    }
  }

  judgement(hasChampion: boolean): Judged {
    const known = [...this.counts.keys()].filter((target) => (this.counts[target] ?? 0) > 0);
    const models = this.names.map((name, model) => this.judged(name, model, known));
    const [candidate, ...others] = models;
    assert(candidate !== undefined, 'nobody is judged');
    const { seasons, horizon } = this.shape.schema;
    const { from, to } = this.shape.slice;
    return {
      horizon,
      seasons,
      targetsMin: Math.ceil(KNOWN_SHARE * Math.min(targetsNeeded(seasons), to - from)),
      targets: Float64Array.from(known, (target) => from + target),
      pairs: this.pairs,
      excluded: this.excluded,
      rounding: ratio(this.rounded, this.sizes) ?? 0,
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
      bias: ratio(this.signed[model] as number, this.sizes),
    };
  }

  /** Takes the steps of one origin whose actual is known and of which everybody says something. */
  private gather(sayings: Sayings, index: number, steps: number): void {
    const { block } = sayings;
    const { row } = this;
    row.count = 0;
    if (!Number.isFinite(block.scale[index])) return;
    for (let step = 1; step <= steps; step += 1) {
      const actual = valueOf(block.series, (block.origins[index] as number) + step);
      if (!this.gatherErrors(sayings, index * this.shape.schema.horizon + step - 1, actual))
        continue;
      row.steps[row.count] = step;
      row.actuals[row.count] = actual;
      row.count += 1;
    }
  }

  /** By how much each model is off at one step; false where that is not known of all. */
  private gatherErrors({ block, means }: Sayings, at: number, actual: number): boolean {
    const { errors, count } = this.row;
    const naives = errors.length - means.length;
    let isKnown = true;
    for (const [model, column] of errors.entries()) {
      const naive = model - means.length;
      const mean = naive < 0 ? means[model]?.[at] : block.naive[at * naives + naive];
      column[count] = (mean ?? Number.NaN) - actual;
      isKnown &&= Number.isFinite(column[count]);
    }
    return isKnown;
  }

  /** Adds what was gathered of an origin, of a series with this scale. */
  private addRow(origin: number, scale: number): void {
    const { count, steps, actuals, errors } = this.row;
    if (count === 0) return;
    const unit = this.shape.loss === 'scaled' ? errorUnit(scale, this.meanErrors()) : 1;
    if (this.isRounded()) this.rounded += (ROUNDING_MAX * count) / unit;
    for (let pair = 0; pair < count; pair += 1) {
      const target = origin + (steps[pair] as number);
      const size = Math.abs(actuals[pair] as number);
      this.actuals += size;
      this.sizes += size / unit;
      const at = target - this.shape.slice.from;
      this.counts[at] = (this.counts[at] as number) + 1;
      const error = errors[0]?.[pair] as number;
      this.spread.add(target, steps[pair] as number, Math.abs(error) / scale);
    }
    for (const [model, column] of errors.entries()) this.addErrors(model, column, { origin, unit });
    this.pairs += count;
  }

  /** True where all that was gathered, and all that the candidate said of it, is whole. */
  private isRounded(): boolean {
    const { count, actuals, errors } = this.row;
    for (let pair = 0; pair < count; pair += 1) {
      const actual = actuals[pair] as number;
      if (!Number.isInteger(actual) || !Number.isInteger(errors[0]?.[pair])) return false;
    }
    return true;
  }

  private addErrors(
    model: number,
    column: Float64Array,
    { origin, unit }: { readonly origin: number; readonly unit: number },
  ): void {
    const { count, steps } = this.row;
    const losses = this.losses[model] as Float64Array;
    const from = origin - this.shape.slice.from;
    for (let pair = 0; pair < count; pair += 1) {
      const error = column[pair] as number;
      const at = from + (steps[pair] as number);
      losses[at] = (losses[at] as number) + Math.abs(error) / unit;
      this.errors[model] = (this.errors[model] as number) + Math.abs(error);
      this.signed[model] = (this.signed[model] as number) + error / unit;
    }
  }

  /** By model, over what was gathered. */
  private meanErrors(): Float64Array {
    const { count, errors } = this.row;
    return Float64Array.from(errors, (column) => {
      let sum = 0;
      for (let pair = 0; pair < count; pair += 1) sum += Math.abs(column[pair] as number);
      return sum / count;
    });
  }
}
