import { assert } from './assert.ts';

const ITERATIONS_MAX = 300;
const PRECISION = 1e-15;
const TINY = 1e-300;

// Lanczos' coefficients for g = 7, n = 9.
const LANCZOS = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313,
  -176.61502916214059, 12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6,
  1.5056327351493116e-7,
];

/** ln Γ(x) for x > 0.5. */
const logGamma = (x: number): number => {
  const shifted = x - 1;
  let sum = LANCZOS[0] ?? 0;
  for (const [index, coefficient] of LANCZOS.entries()) {
    if (index > 0) sum += coefficient / (shifted + index);
  }
  const t = shifted + 7.5;
  return 0.5 * Math.log(2 * Math.PI) + (shifted + 0.5) * Math.log(t) - t + Math.log(sum);
};

const away = (value: number): number => (Math.abs(value) < TINY ? TINY : value);

/** Lentz's continued fraction of the incomplete beta function. */
const betaFraction = (a: number, b: number, x: number): number => {
  let c = 1;
  let d = 1 / away(1 - ((a + b) * x) / (a + 1));
  let fraction = d;
  for (let m = 1; m <= ITERATIONS_MAX; m += 1) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / away(1 + even * d);
    c = away(1 + even / c);
    fraction *= d * c;
    d = 1 / away(1 + odd * d);
    c = away(1 + odd / c);
    fraction *= d * c;
    if (Math.abs(d * c - 1) < PRECISION) break;
  }
  return fraction;
};

/** The regularised incomplete beta function I_x(a, b). */
const incompleteBeta = (a: number, b: number, x: number): number => {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  if (x > (a + 1) / (a + b + 2)) return 1 - incompleteBeta(b, a, 1 - x);
  const front = a * Math.log(x) + b * Math.log1p(-x);
  const beta = logGamma(a) + logGamma(b) - logGamma(a + b);
  return (Math.exp(front - beta) * betaFraction(a, b, x)) / a;
};

/**
 * P(T > t) for Student's t with `degrees` of freedom.
 * @see https://dlmf.nist.gov/8.17
 */
export const studentTail = (t: number, degrees: number): number => {
  assert(degrees > 0, `Student's t needs degrees of freedom, not ${degrees}`);
  if (t === Infinity) return 0;
  if (t === -Infinity) return 1;
  const tail = incompleteBeta(degrees / 2, 0.5, degrees / (degrees + t * t)) / 2;
  return t >= 0 ? tail : 1 - tail;
};
