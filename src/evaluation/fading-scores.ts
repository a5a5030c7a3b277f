// Hot file: indices are in range by construction (errors are origins × horizon), so typed-array
// reads are narrowed with `as number`.

/** What an error counts beside one that came a season later: half after three weeks of days. */
const FADING = 0.95;

/** Numbers of which the later ones count more. */
export interface FadingScores {
  /** Ascending. */
  readonly scores: Float64Array;
  /** Share of all weight up to the middle of each. */
  readonly ranks: Float64Array;
  /** Origins that they come from, each counted as much as it weighs. */
  readonly origins: number;
}

interface ScoresInput {
  /** |actual − mean|, origins × horizon, the latest origin last; NaN where it is not known. */
  readonly errors: Float64Array;
  readonly horizon: number;
  /** One a step. */
  readonly sigma: Float64Array;
}

/** |error| / σ of some steps. */
export const fadingScores = (
  { errors, horizon, sigma }: ScoresInput,
  from: number,
  to: number,
): FadingScores => {
  const scores: number[] = [];
  const weights: number[] = [];
  let origins = 0;
  for (let row = 0; row < errors.length; row += horizon) {
    const weight = FADING ** ((errors.length - row) / horizon - 1);
    const before = scores.length;
    for (let step = from; step < to; step += 1) {
      const error = errors[row + step] as number;
      if (Number.isNaN(error)) continue;
      scores.push(error / (sigma[step] as number));
      weights.push(weight);
    }
    if (scores.length > before) origins += weight;
  }
  return ranked(scores, weights, origins);
};

const ranked = (
  scores: readonly number[],
  weights: readonly number[],
  origins: number,
): FadingScores => {
  const order = Uint32Array.from(scores.keys());
  order.sort((one, other) => (scores[one] as number) - (scores[other] as number) || one - other);
  const all = weights.reduce((sum, weight) => sum + weight, 0);
  let below = 0;
  const ranks = Float64Array.from(order, (place) => {
    const weight = weights[place] as number;
    below += weight;
    return (below - weight / 2) / all;
  });
  return { scores: Float64Array.from(order, (place) => scores[place] as number), ranks, origins };
};

/** Linear between the middles of neighbours; there is one score at least. */
export const fadingQuantile = ({ scores, ranks }: FadingScores, share: number): number => {
  const last = scores.length - 1;
  let [low, high] = [0, last];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ranks[middle] as number) < share) low = middle + 1;
    else high = middle;
  }
  const [above, below] = [low, Math.max(0, low - 1)];
  const gap = (ranks[above] as number) - (ranks[below] as number);
  const part = gap > 0 ? Math.min(1, (share - (ranks[below] as number)) / gap) : 1;
  return (scores[below] as number) + part * ((scores[above] as number) - (scores[below] as number));
};
