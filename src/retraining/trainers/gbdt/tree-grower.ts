// Hot file: indices are in range by construction, so typed-array reads are narrowed with `as
// number`.
import { LEAF } from '../../../models/trees/tree-ensemble.ts';
import { BINS_MAX } from './bins.ts';
import { countIn, HistogramCounter, ONE, type Counted, type Histogram } from './histogram.ts';

export interface GrowthOptions {
  /** Splits from the root to a leaf at most. */
  readonly depthMax: number;
  /** Samples of a leaf at least. */
  readonly leafMin: number;
}

/** A tree whose nodes split by bins; children are placed behind their parent. */
export interface GrownTree {
  readonly features: number[];
  /** The last bin that goes left. */
  readonly bins: number[];
  readonly lefts: number[];
  readonly rights: number[];
  /** Of leaves. */
  readonly values: number[];
}

/** A gain below this share of the samples is rounding. */
const GAIN_MIN = 1e-9;

/** Samples from..to of the order, all of one node. */
interface Part {
  readonly node: number;
  readonly depth: number;
  readonly from: number;
  readonly to: number;
  readonly histogram: Histogram;
}

interface Split {
  /** By its place among the inputs that this tree may use. */
  readonly place: number;
  readonly bin: number;
}

/** The value of a leaf with the samples order[from..to). */
export type LeafValue = (order: Int32Array, from: number, to: number) => number;

/**
 * Grows regression trees on histograms: of a pair of children the smaller one is counted, and the
 * larger one is what is left of their parent.
 * @see Ke et al., LightGBM: A Highly Efficient Gradient Boosting Decision Tree (2017)
 */
export class TreeGrower {
  private readonly columns: readonly Uint8Array[];
  private readonly options: GrowthOptions;
  private readonly counter: HistogramCounter;
  /** The samples to learn from, node by node, and those of a node that go right. */
  private readonly order: Int32Array;
  private readonly rights: Int32Array;
  private readonly spare: Histogram[] = [];

  constructor(columns: readonly Uint8Array[], options: GrowthOptions) {
    this.columns = columns;
    this.options = options;
    this.counter = new HistogramCounter(columns);
    const samples = columns[0]?.length ?? 0;
    this.order = new Int32Array(samples);
    this.rights = new Int32Array(samples);
  }

  /**
   * `signs`: of the residual of each sample. `drawn`: the samples to learn from, ascending, so that
   * what is read of them lies one behind the other.
   */
  grow(
    signs: Int8Array,
    { drawn, inputs }: { readonly drawn: Int32Array; readonly inputs: readonly number[] },
    leafValue: LeafValue,
  ): GrownTree {
    const order = this.order.subarray(0, drawn.length);
    order.set(drawn);
    const tree: GrownTree = { features: [], bins: [], lefts: [], rights: [], values: [] };
    const root = this.histogram(signs, { order, inputs, from: 0, to: order.length });
    const node = addNode(tree);
    const open: Part[] = [{ node, depth: 0, from: 0, to: order.length, histogram: root }];
    for (let part = open.pop(); part !== undefined; part = open.pop()) {
      const split = part.depth < this.options.depthMax ? this.best(part, inputs.length) : undefined;
      if (split === undefined) {
        tree.values[part.node] = leafValue(order, part.from, part.to);
        this.spare.push(part.histogram);
        continue;
      }
      const input = inputs[split.place] as number;
      const middle = this.partition(order, part, { input, bin: split.bin });
      tree.features[part.node] = input;
      tree.bins[part.node] = split.bin;
      open.push(...this.children(tree, part, { signs, order, inputs, middle }));
    }
    return tree;
  }

  private children(
    tree: GrownTree,
    { node, depth, from, to, histogram }: Part,
    {
      middle,
      ...work
    }: {
      readonly signs: Int8Array;
      readonly order: Int32Array;
      readonly inputs: readonly number[];
      readonly middle: number;
    },
  ): readonly Part[] {
    const [left, right] = [addNode(tree), addNode(tree)];
    tree.lefts[node] = left;
    tree.rights[node] = right;
    const isLeftSmaller = middle - from <= to - middle;
    const bounds = isLeftSmaller ? { from, to: middle } : { from: middle, to };
    const smaller = this.histogram(work.signs, { ...work, ...bounds });
    subtract(histogram, smaller);
    const [ofLeft, ofRight] = isLeftSmaller ? [smaller, histogram] : [histogram, smaller];
    return [
      { node: right, depth: depth + 1, from: middle, to, histogram: ofRight },
      { node: left, depth: depth + 1, from, to: middle, histogram: ofLeft },
    ];
  }

  private histogram(signs: Int8Array, counted: Counted): Histogram {
    const histogram = this.take(counted.inputs.length);
    this.counter.add(histogram, signs, counted);
    return histogram;
  }

  private take(inputs: number): Histogram {
    const size = inputs * BINS_MAX;
    const known = this.spare.pop();
    return known?.length === size ? known.fill(0) : new Float64Array(size);
  }

  /**
   * The split that takes away most of the squared error of the signs; where none is worth it, none.
   */
  private best({ from, to, histogram }: Part, inputs: number): Split | undefined {
    const { leafMin } = this.options;
    const count = to - from;
    if (count < 2 * leafMin) return undefined;
    let all = 0;
    for (let bin = 0; bin < BINS_MAX; bin += 1) all += histogram[bin] as number;
    const sum = all - count * ONE;
    let greatest = (sum * sum) / count + GAIN_MIN * count;
    let found: Split | undefined;
    for (let place = 0; place < inputs; place += 1) {
      const base = place * BINS_MAX;
      let left = 0;
      for (let bin = 0; bin < BINS_MAX - 1; bin += 1) {
        const here = histogram[base + bin] as number;
        if (here === 0) continue;
        left += here;
        const leftCount = countIn(left);
        const rightCount = count - leftCount;
        if (rightCount < leafMin) break;
        if (leftCount < leafMin) continue;
        const leftSum = left - leftCount * ONE;
        const rightSum = sum - leftSum;
        const gain = (leftSum * leftSum) / leftCount + (rightSum * rightSum) / rightCount;
        if (gain <= greatest) continue;
        greatest = gain;
        found = { place, bin };
      }
    }
    return found;
  }

  /**
   * Puts those that go left before the others, both in the order that they had; returns where the
   * others begin. Which way a sample goes is computed and not branched on: it cannot be foreseen.
   */
  private partition(
    order: Int32Array,
    { from, to }: Part,
    { input, bin }: { readonly input: number; readonly bin: number },
  ): number {
    const { rights } = this;
    const column = this.columns[input] as Uint8Array;
    let [left, right] = [from, 0];
    for (let at = from; at < to; at += 1) {
      const sample = order[at] as number;
      const goesRight = (bin - (column[sample] as number)) >>> 31;
      order[left] = sample;
      rights[right] = sample;
      left += 1 - goesRight;
      right += goesRight;
    }
    order.set(rights.subarray(0, right), left);
    return left;
  }
}

const addNode = ({ features, bins, lefts, rights, values }: GrownTree): number => {
  features.push(LEAF);
  for (const list of [bins, lefts, rights, values]) list.push(0);
  return features.length - 1;
};

const subtract = (from: Histogram, part: Histogram): void => {
  for (let at = 0; at < from.length; at += 1) {
    from[at] = (from[at] as number) - (part[at] as number);
  }
};
