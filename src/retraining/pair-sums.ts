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

/** What came of one step, beside what everybody had said of it. */
interface Pair {
  readonly step: number;
  readonly target: number;
  readonly actual: number;
  /** By model. */
  readonly errors: Float64Array;
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
  private actuals = 0;
  /** |Actuals| in the units of their rows. */
  private sizes = 0;
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
  }

  add(block: OriginBlock, means: readonly Float64Array[]): void {
    const { schema, slice } = this.shape;
    const needed = historyNeeded(schema.seasons);
    for (let index = 0; index < block.count; index += 1) {
      const origin = block.origins[index] as number;
      const steps = Math.min(schema.horizon, slice.to - 1 - origin);
      const isOld = (block.history[index] as number) > needed;
      const pairs = isOld ? this.pairsOf({ block, means }, index, steps) : [];
      this.addPairs(pairs, block.scale[index] as number);
      this.excluded += steps - pairs.length;
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

  /** Steps of one origin whose actual is known and of which everybody has something to say. */
  private pairsOf(sayings: Sayings, index: number, steps: number): readonly Pair[] {
    const { block } = sayings;
    if (!Number.isFinite(block.scale[index])) return [];
    const pairs: Pair[] = [];
    for (let step = 1; step <= steps; step += 1) {
      const target = (block.origins[index] as number) + step;
      const actual = valueOf(block.series, target);
      const errors = this.saidOf(sayings, index, step).map((mean) => mean - actual);
      if (errors.every(Number.isFinite)) pairs.push({ step, target, actual, errors });
    }
    return pairs;
  }

  /** By model: what it says of a step. */
  private saidOf({ block, means }: Sayings, index: number, step: number): Float64Array {
    const naives = this.names.length - means.length;
    const row = index * this.shape.schema.horizon + step - 1;
    const said = new Float64Array(this.names.length);
    for (let model = 0; model < said.length; model += 1) {
      const naive = model - means.length;
      const mean = naive < 0 ? means[model]?.[row] : block.naive[row * naives + naive];
      said[model] = mean ?? Number.NaN;
    }
    return said;
  }

  /** Those of one origin, of a series with this scale. */
  private addPairs(pairs: readonly Pair[], scale: number): void {
    if (pairs.length === 0) return;
    const unit = this.shape.loss === 'scaled' ? errorUnit(scale, meanErrors(pairs)) : 1;
    for (const { step, target, actual, errors } of pairs) {
      const at = target - this.shape.slice.from;
      for (let model = 0; model < errors.length; model += 1) {
        const error = errors[model] as number;
        const losses = this.losses[model];
        if (losses !== undefined) losses[at] = (losses[at] as number) + Math.abs(error) / unit;
        this.errors[model] = (this.errors[model] as number) + Math.abs(error);
        this.signed[model] = (this.signed[model] as number) + error / unit;
      }
      this.actuals += Math.abs(actual);
      this.sizes += Math.abs(actual) / unit;
      this.counts[at] = (this.counts[at] as number) + 1;
      this.spread.add(target, step, Math.abs(errors[0] as number) / scale);
    }
    this.pairs += pairs.length;
  }
}

/** By model, over some pairs. */
const meanErrors = (pairs: readonly Pair[]): Float64Array => {
  const means = new Float64Array(pairs[0]?.errors.length ?? 0);
  for (const { errors } of pairs) {
    for (let model = 0; model < means.length; model += 1) {
      means[model] = (means[model] as number) + Math.abs(errors[model] as number) / pairs.length;
    }
  }
  return means;
};
