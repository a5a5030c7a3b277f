import type { SeededRandom } from '../../src/core/random.ts';

export interface AutoregressionOptions {
  readonly length: number;
  /** Correlation of neighbours. */
  readonly phi: number;
}

/** A stationary AR(1) series of mean 0 and standard deviation 1, begun in its stationary law. */
export const autoregression = (
  random: SeededRandom,
  { length, phi }: AutoregressionOptions,
): Float64Array => {
  const scale = Math.sqrt(1 - phi * phi);
  let value = random.normal();
  return Float64Array.from({ length }, () => {
    value = phi * value + scale * random.normal();
    return value;
  });
};
