// Hot file: nodes are in range by construction, so typed-array reads are narrowed with `as number`.

/** In place of the feature of a leaf. */
export const LEAF = -1;

/**
 * Regression trees, the values of which add up. Nodes of all trees lie one after the other, the
 * first of each tree before its others.
 */
export interface TreeEnsemble {
  /** What is added to the sum of the trees. */
  readonly base: number;
  /** The first node of each tree. */
  readonly roots: Int32Array;
  readonly features: Int32Array;
  /** An input goes left where it is at most this; a missing one goes right. */
  readonly thresholds: Float64Array;
  readonly lefts: Int32Array;
  readonly rights: Int32Array;
  /** Of leaves. */
  readonly values: Float64Array;
}

/** The sum for the inputs from `at` on; ONNX's operator says that of the trees in float32. */
export const ensembleValue = (
  { base, roots, features, thresholds, lefts, rights, values }: TreeEnsemble,
  inputs: Float64Array,
  at: number,
): number => {
  let sum = 0;
  for (const root of roots) {
    let node = root;
    for (let feature = features[node] as number; feature !== LEAF;) {
      const isLeft = (inputs[at + feature] as number) <= (thresholds[node] as number);
      node = (isLeft ? lefts[node] : rights[node]) as number;
      feature = features[node] as number;
    }
    sum += values[node] as number;
  }
  return base + Math.fround(sum);
};
