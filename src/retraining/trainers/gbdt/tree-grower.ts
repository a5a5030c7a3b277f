// Hot file: indices are in range by construction, so typed-array reads are narrowed with `as
// number`.
import { LEAF } from '../../../models/trees/tree-ensemble.ts';
import { BINS_MAX } from './bins.ts';

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

/**
 * Input by input and bin by bin, how many samples there are and what their signs add up to, in one
 * number: the count times `ONE`, and the sum. Both are exact up to 2²⁵ samples, and counting takes
 * one addition.
 */
type Histogram = Float64Array;
const ONE = 2 ** 27;

/** A gain below this share of the samples is rounding. */
const GAIN_MIN = 1e-9;

const countIn = (cell: number): number => Math.round(cell / ONE);

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
  /** What the samples of one node count for, in their order. */
  private readonly gathered: Float64Array;
  private readonly spare: Histogram[] = [];

  constructor(columns: readonly Uint8Array[], options: GrowthOptions) {
    this.columns = columns;
    this.options = options;
    this.gathered = new Float64Array(columns[0]?.length ?? 0);
  }

  /**
   * `signs`: of the residual of each sample. `order`: the samples to learn from, which it puts in
   * another order.
   */
  grow(
    signs: Int8Array,
    { order, inputs }: { readonly order: Int32Array; readonly inputs: readonly number[] },
    leafValue: LeafValue,
  ): GrownTree {
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

  private histogram(
    signs: Int8Array,
    {
      order,
      inputs,
      from,
      to,
    }: {
      readonly order: Int32Array;
      readonly inputs: readonly number[];
      readonly from: number;
      readonly to: number;
    },
  ): Histogram {
    const { gathered } = this;
    const cells = this.take(inputs.length);
    for (let index = from; index < to; index += 1) {
      gathered[index] = ONE + (signs[order[index] as number] as number);
    }
    for (let place = 0; place < inputs.length; place += 1) {
      const column = this.columns[inputs[place] as number] as Uint8Array;
      const base = place * BINS_MAX;
      for (let index = from; index < to; index += 1) {
        const at = base + (column[order[index] as number] as number);
        cells[at] = (cells[at] as number) + (gathered[index] as number);
      }
    }
    return cells;
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

  /** Puts those that go left before the others; returns where these begin. */
  private partition(
    order: Int32Array,
    { from, to }: Part,
    { input, bin }: { readonly input: number; readonly bin: number },
  ): number {
    const column = this.columns[input] as Uint8Array;
    let [low, high] = [from, to - 1];
    while (low <= high) {
      const one = order[low] as number;
      if ((column[one] as number) <= bin) {
        low += 1;
        continue;
      }
      order[low] = order[high] as number;
      order[high] = one;
      high -= 1;
    }
    return low;
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
