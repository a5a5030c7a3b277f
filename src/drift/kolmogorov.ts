// Hot file: indices are in range by construction (a matrix is size × size), so typed-array reads
// are narrowed with `as number`.

/** Below this many values, and where both tails still meet, the matrix is both exact and cheap. */
const MATRIX_COUNT_MAX = 140;
const MATRIX_LARGE_COUNT_MAX = 100_000;
const MATRIX_REACH_MAX = 1.4;
/** n·d² from which on the chance of crossing on both sides is beyond the last digit that counts. */
const ONE_SIDED = 2.2;
const ONE_SIDED_SMALL = 4;
/** Numbers are kept below this; powers of ten taken out are put back at the end. */
const LARGE = 1e140;

/**
 * P(D ≥ d) of the two-sided one-sample Kolmogorov–Smirnov statistic of `count` values: the law for
 * finite n, as `scipy.stats.kstwo.sf`.
 * @see Marsaglia, Tsang and Wang, Evaluating Kolmogorov's distribution, Journal of Statistical
 * Software 8 (2003)
 * @see Simard and L'Ecuyer, Computing the two-sided Kolmogorov–Smirnov distribution, same journal
 * 39 (2011)
 */
export const kolmogorovTail = (d: number, count: number): number => {
  if (d <= 0.5 / count) return 1;
  if (d >= 1) return 0;
  const size = count * d * d;
  const isSmall = count <= MATRIX_COUNT_MAX;
  if (d >= 0.5 || size >= (isSmall ? ONE_SIDED_SMALL : ONE_SIDED)) {
    return Math.min(1, 2 * oneSidedTail(d, count));
  }
  const isNear = count <= MATRIX_LARGE_COUNT_MAX && count * d ** 1.5 <= MATRIX_REACH_MAX;
  const below = isSmall || isNear ? matrixBelow(d, count) : seriesBelow(d, count);
  return Math.min(1, Math.max(0, 1 - below));
};

/** Smirnov's P(D⁺ ≥ d) = Σⱼ C(n, j)·d·(d + j/n)ʲ⁻¹·(1 − d − j/n)ⁿ⁻ʲ, j ≤ n(1 − d), in logs. */
const oneSidedTail = (d: number, count: number): number => {
  let logChoose = 0;
  let sum = 0;
  for (let j = 0; j <= Math.floor(count * (1 - d)); j += 1) {
    if (j > 0) logChoose += Math.log((count - j + 1) / j);
    const share = d + j / count;
    if (share >= 1) break;
    sum += Math.exp(logChoose + (j - 1) * Math.log(share) + (count - j) * Math.log1p(-share));
  }
  return d * sum;
};

/**
 * Marsaglia, Tsang and Wang: P(D < d) is n!/nⁿ times the middle entry of a matrix to the power n.
 */
const matrixBelow = (d: number, count: number): number => {
  const k = Math.floor(count * d) + 1;
  const size = 2 * k - 1;
  const power = matrixPower(transitions(size, k - count * d), size, count);
  let value = power.values[(k - 1) * size + k - 1] as number;
  let exponent = power.exponent;
  for (let factor = 1; factor <= count; factor += 1) {
    value = (value * factor) / count;
    if (value < 1 / LARGE) {
      value *= LARGE;
      exponent -= 140;
    }
  }
  return value * 10 ** exponent;
};

const transitions = (size: number, h: number): Float64Array => {
  const values = new Float64Array(size * size);
  for (let row = 0; row < size; row += 1) {
    for (let column = 0; column < Math.min(size, row + 2); column += 1) {
      values[row * size + column] = 1;
    }
  }
  const last = (size - 1) * size;
  for (let index = 0; index < size; index += 1) {
    values[index * size] = (values[index * size] as number) - h ** (index + 1);
    values[last + index] = (values[last + index] as number) - h ** (size - index);
  }
  if (2 * h > 1) values[last] = (values[last] as number) + (2 * h - 1) ** size;
  for (let row = 0; row < size; row += 1) {
    let factorial = 1;
    for (let column = row; column >= 0; column -= 1) {
      factorial *= row - column + 1;
      values[row * size + column] = (values[row * size + column] as number) / factorial;
    }
  }
  return values;
};

interface Scaled {
  readonly values: Float64Array;
  /** Powers of ten that were taken out. */
  readonly exponent: number;
}

const matrixPower = (base: Float64Array, size: number, exponent: number): Scaled => {
  if (exponent === 1) return { values: base, exponent: 0 };
  const half = matrixPower(base, size, Math.floor(exponent / 2));
  const squared = multiply(half.values, half.values, size);
  const values = exponent % 2 === 0 ? squared : multiply(base, squared, size);
  const taken = 2 * half.exponent;
  const middle = values[((size - 1) / 2) * (size + 1)] as number;
  return middle > LARGE
    ? { values: values.map((value) => value / LARGE), exponent: taken + 140 }
    : { values, exponent: taken };
};

const multiply = (one: Float64Array, other: Float64Array, size: number): Float64Array => {
  const product = new Float64Array(size * size);
  for (let row = 0; row < size; row += 1) {
    for (let inner = 0; inner < size; inner += 1) {
      const factor = one[row * size + inner] as number;
      if (factor === 0) continue;
      for (let column = 0; column < size; column += 1) {
        const at = row * size + column;
        product[at] = (product[at] as number) + factor * (other[inner * size + column] as number);
      }
    }
  }
  return product;
};

/** Pelz and Good: Kolmogorov's limit and three corrections in powers of 1/√n. */
const seriesBelow = (d: number, count: number): number => {
  const z = Math.sqrt(count) * d;
  const terms = Math.ceil((16 * z) / Math.PI);
  const odd = oddTerms(z, terms);
  const even = evenTerms(z, terms);
  const root = Math.sqrt(count);
  const [k0 = 0, k1 = 0, k2 = 0, k3 = 0] = odd;
  return k0 + k1 / root + (k2 + even.k2) / count + (k3 + even.k3) / (count * root);
};

const SQRT_2PI = Math.sqrt(2 * Math.PI);
const PI2 = Math.PI ** 2;

/** Sums over exp(−π²(2k − 1)²/(8z²)), by Horner's scheme. */
const oddTerms = (z: number, terms: number): readonly number[] => {
  const z2 = z * z;
  const z4 = z2 * z2;
  const z6 = z4 * z2;
  const q = Math.exp(-PI2 / 8 / z2);
  const k = [0, 0, 0, 0];
  for (let term = terms; term > 0; term -= 1) {
    const m2 = (2 * term - 1) ** 2;
    const power = q ** (8 * term);
    const coefficients = [
      1,
      -z2 + (PI2 / 4) * m2,
      6 * z6 +
        2 * z4 +
        (2 * z4 - 5 * z2) * (PI2 / 4) * m2 +
        (PI2 ** 2 * (1 - 2 * z2) * m2 ** 2) / 16,
      -30 * z6 -
        90 * z6 * z2 +
        ((PI2 * (135 * z4 - 96 * z6)) / 4) * m2 +
        ((PI2 ** 2 * (-60 * z2 + 212 * z4)) / 16) * m2 ** 2 +
        ((PI2 ** 3 * (5 - 30 * z2)) / 64) * m2 ** 3,
    ];
    for (const [index, coefficient] of coefficients.entries()) {
      k[index] = (k[index] ?? 0) * power + coefficient;
    }
  }
  const scales = [z, 6 * z4, 72 * z4 * z2 * z, 6_480 * z4 * z6];
  return k.map((sum, index) => (sum * q * SQRT_2PI) / (scales[index] ?? 1));
};

/** Sums over exp(−π²k²/(2z²)). */
const evenTerms = (z: number, terms: number): { readonly k2: number; readonly k3: number } => {
  const q = Math.exp(-PI2 / 2 / (z * z));
  let k2 = 0;
  let k3 = 0;
  for (let term = terms; term > 0; term -= 1) {
    const weight = term * term * q ** (term * term);
    k2 += weight;
    k3 += (3 * z * z - PI2 * term * term) * weight;
  }
  const unit = PI2 * SQRT_2PI;
  return { k2: (unit * k2) / (-36 * z ** 3), k3: (unit * k3) / (216 * z ** 6) };
};
