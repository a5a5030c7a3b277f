// Hot file: indices are in range by construction, so typed-array reads are narrowed with `as
// number`.
import { seededRandom, type SeededRandom } from '../../../core/random.ts';
import { LEAF, type TreeEnsemble } from '../../../models/trees/tree-ensemble.ts';
import type { TreeModel } from '../../../models/trees/tree-model.ts';
import type { TreeTarget } from '../../../models/trees/tree-target.ts';
import type { RowsInput } from '../training-rows.ts';
import { thresholdOf } from './bins.ts';
import { medianOf } from './median.ts';
import { samplesOf, targetsOf, type Samples } from './samples.ts';
import { TreeGrower, type GrownTree } from './tree-grower.ts';

export interface BoostOptions {
  readonly trees?: number;
  readonly depthMax?: number;
  readonly leafMin?: number;
  readonly rate?: number;
  /** Share of the samples, and of the inputs, that a tree learns from. */
  readonly sampleShare?: number;
  readonly inputShare?: number;
}

export interface GbdtOptions extends BoostOptions {
  readonly samplesEnough?: number;
}

/** Equal rows and an equal seed give equal trees. */
export type GbdtInput = RowsInput & { readonly seed: string };

export interface GbdtFit {
  readonly model: TreeModel;
  readonly rows: number;
}

/** Usual values for hourly panels; they were not tuned. */
export const BOOST_DEFAULTS: Required<BoostOptions> = {
  trees: 300,
  depthMax: 7,
  leafMin: 20,
  rate: 0.06,
  sampleShare: 0.8,
  inputShare: 0.7,
};
export const SAMPLES_ENOUGH = 400_000;
/** Trees that learn from the same samples. */
export const TREES_A_DRAW = 5;

export interface Boost extends BoostOptions {
  readonly target: TreeTarget;
  readonly seed: string;
  /** Inputs that every tree may read, whatever share of all it does: none if absent. */
  readonly always?: readonly number[];
  /** Hears of the share of the trees that are grown. */
  readonly report?: (share: number) => void;
}

/**
 * Gradient boosting of the absolute error: each tree is grown on the signs of the residuals, and
 * its leaves are the medians of theirs. A pure function of its samples and its seed.
 * @see Friedman, Greedy function approximation: a gradient boosting machine (2001), LAD_TreeBoost
 */
export const boost = (samples: Samples, { target, seed, report, ...options }: Boost): TreeModel => {
  const chosen = { always: [], ...BOOST_DEFAULTS, ...options };
  const targets = targetsOf(samples, target);
  const boosting = new Boosting(samples, targets, { ...chosen, random: seededRandom(seed) });
  for (let tree = 0; tree < chosen.trees && samples.count > 0; tree += 1) {
    boosting.add();
    report?.((tree + 1) / chosen.trees);
  }
  return { design: samples.design, target, ensemble: boosting.ensemble() };
};

/** One ensemble, relative to the anchor. */
export const fitGbdt = (
  { seed, ...input }: GbdtInput,
  { samplesEnough = SAMPLES_ENOUGH, ...options }: GbdtOptions = {},
  report: (share: number) => void = () => undefined,
): GbdtFit => {
  const samples = samplesOf(input, { enough: samplesEnough });
  const target: TreeTarget = { start: 'anchor', link: 'identity' };
  return { model: boost(samples, { target, seed, report, ...options }), rows: samples.rows };
};

/** Samples that some trees learn from, and all others; both ascending. */
interface Draw {
  readonly drawn: Int32Array;
  readonly others: Int32Array;
}

interface Chosen extends Required<BoostOptions> {
  readonly always: readonly number[];
  readonly random: SeededRandom;
}

class Boosting {
  private readonly samples: Samples;
  private readonly options: Chosen;
  private readonly grower: TreeGrower;
  private readonly base: number;
  private readonly residuals: Float64Array;
  private readonly signs: Int8Array;
  private readonly scratch: Float64Array;
  private readonly trees: GrownTree[] = [];
  private draw: Draw;

  constructor(samples: Samples, targets: Float64Array, options: Chosen) {
    this.samples = samples;
    this.options = options;
    this.grower = new TreeGrower(samples.columns, options);
    this.scratch = targets.slice();
    this.base = samples.count === 0 ? 0 : medianOf(this.scratch, samples.count);
    this.residuals = targets.map((target) => target - this.base);
    this.signs = new Int8Array(samples.count);
    this.draw = this.drawn();
  }

  add(): void {
    const { options, residuals, signs, scratch, trees } = this;
    for (let sample = 0; sample < signs.length; sample += 1) {
      signs[sample] = Math.sign(residuals[sample] as number);
    }
    if (trees.length > 0 && trees.length % TREES_A_DRAW === 0) this.draw = this.drawn();
    const tree = this.grower.grow(
      signs,
      { drawn: this.draw.drawn, inputs: this.inputs() },
      (order, from, to) => {
        for (let at = from; at < to; at += 1) {
          scratch[at - from] = residuals[order[at] as number] as number;
        }
        const value = options.rate * medianOf(scratch, to - from);
        for (let at = from; at < to; at += 1) {
          const sample = order[at] as number;
          residuals[sample] = (residuals[sample] as number) - value;
        }
        return value;
      },
    );
    trees.push(tree);
    this.follow(tree);
  }

  ensemble(): TreeEnsemble {
    const { trees, base, samples } = this;
    const count = trees.reduce((sum, { features }) => sum + features.length, 0);
    const ensemble = {
      base,
      roots: new Int32Array(trees.length),
      features: new Int32Array(count),
      thresholds: new Float64Array(count),
      lefts: new Int32Array(count),
      rights: new Int32Array(count),
      values: new Float64Array(count),
    };
    let root = 0;
    for (const [index, tree] of trees.entries()) {
      ensemble.roots[index] = root;
      for (const [node, feature] of tree.features.entries()) {
        const at = root + node;
        ensemble.features[at] = feature;
        ensemble.values[at] = tree.values[node] as number;
        if (feature === LEAF) continue;
        const edges = samples.edges[feature] as Float64Array;
        ensemble.thresholds[at] = thresholdOf(edges, tree.bins[node] as number);
        ensemble.lefts[at] = root + (tree.lefts[node] as number);
        ensemble.rights[at] = root + (tree.rights[node] as number);
      }
      root += tree.features.length;
    }
    return ensemble;
  }

  /** What is left of the samples that the tree did not learn from; it has done so for its own. */
  private follow({ features, bins, lefts, rights, values }: GrownTree): void {
    const { residuals, samples, draw } = this;
    for (const sample of draw.others) {
      let node = 0;
      for (let feature = features[0] as number; feature !== LEAF;) {
        const bin = (samples.columns[feature] as Uint8Array)[sample] as number;
        node = (bin <= (bins[node] as number) ? lefts[node] : rights[node]) as number;
        feature = features[node] as number;
      }
      residuals[sample] = (residuals[sample] as number) - (values[node] as number);
    }
  }

  private drawn(): Draw {
    const { samples, options } = this;
    const [drawn, others] = [new Int32Array(samples.count), new Int32Array(samples.count)];
    let count = 0;
    for (let sample = 0; sample < samples.count; sample += 1) {
      const isDrawn = options.random.next() < options.sampleShare;
      if (isDrawn) drawn[count] = sample;
      else others[sample - count] = sample;
      count += isDrawn ? 1 : 0;
    }
    return { drawn: drawn.subarray(0, count), others: others.subarray(0, samples.count - count) };
  }

  private inputs(): readonly number[] {
    const { samples, options } = this;
    const all = samples.columns.map((_, index) => index);
    const wanted = Math.max(1, Math.round(options.inputShare * all.length));
    for (let index = 0; index < wanted; index += 1) {
      const other = index + options.random.int(all.length - index);
      const kept = all[index] as number;
      all[index] = all[other] as number;
      all[other] = kept;
    }
    return [...new Set([...all.slice(0, wanted), ...options.always])];
  }
}
