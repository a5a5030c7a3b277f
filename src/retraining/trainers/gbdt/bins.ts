// Hot file: indices are in range by construction, so typed-array reads are narrowed with `as
// number`.

/** Of an input at most; one of them is for what is missing. */
export const BINS_MAX = 128;
/** Values of an input that its bins are made from. */
export const BIN_SAMPLE = 20_000;

/**
 * Upper edges of the bins of one input, ascending: quantiles of a sample, each value at most once.
 * A value falls into the first bin whose edge it does not exceed; behind the last edge are the bin
 * of all that is larger, and that of what is missing.
 */
export const edgesOf = (sample: Float64Array): Float64Array => {
  const known = sample.filter((value) => !Number.isNaN(value)).sort();
  const edges: number[] = [];
  const most = BINS_MAX - 2;
  for (let bin = 1; bin <= most && known.length > 0; bin += 1) {
    const at = Math.min(known.length - 1, Math.ceil((bin * known.length) / (most + 1)) - 1);
    const edge = known[Math.max(0, at)] as number;
    if (edges.length === 0 || edge > (edges.at(-1) as number)) edges.push(edge);
  }
  return Float64Array.from(edges);
};

export const binOf = (edges: Float64Array, value: number): number => {
  if (Number.isNaN(value)) return edges.length + 1;
  let [low, high] = [0, edges.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (value <= (edges[middle] as number)) high = middle;
    else low = middle + 1;
  }
  return low;
};

/** What an input must not exceed to be in this bin or in one before it. */
export const thresholdOf = (edges: Float64Array, bin: number): number =>
  bin < edges.length ? (edges[bin] as number) : Number.MAX_VALUE;
