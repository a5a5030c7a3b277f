// Hot file: indices are in range by construction (loops end with the array), so typed-array reads
// are narrowed with `as number`.

/**
 * How many independent values each value of a series is worth, 0..1: r = 1/(1 + 2·max(0, Σρ)),
 * where biased autocorrelations of lags below `season` are summed in pairs until a pair is
 * negative. Missing values (NaN) count as the mean.
 * @see Geyer, Practical Markov Chain Monte Carlo, Statistical Science 7 (1992)
 */
export const independence = (values: Float64Array, season: number): number => {
  const deviations = centred(values);
  const variance = product(deviations, 0);
  if (variance === 0) return 1;
  let sum = 0;
  const lags = Math.min(season, values.length);
  for (let lag = 1; lag < lags; lag += 2) {
    const second = lag + 1 < lags ? product(deviations, lag + 1) : 0;
    const pair = (product(deviations, lag) + second) / variance;
    if (pair < 0) break;
    sum += pair;
  }
  return 1 / (1 + 2 * sum);
};

const centred = (values: Float64Array): Float64Array => {
  let sum = 0;
  let count = 0;
  for (const value of values) {
    if (Number.isNaN(value)) continue;
    sum += value;
    count += 1;
  }
  const mean = count === 0 ? 0 : sum / count;
  return values.map((value) => (Number.isNaN(value) ? 0 : value - mean));
};

const product = (deviations: Float64Array, lag: number): number => {
  let sum = 0;
  for (let index = lag; index < deviations.length; index += 1) {
    sum += (deviations[index] as number) * (deviations[index - lag] as number);
  }
  return sum;
};
