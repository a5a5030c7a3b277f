import { murmur3 } from './content-hash.ts';

/** Reproducible randomness: the same seed gives the same numbers on every machine. */
export interface SeededRandom {
  /** Uniform in [0, 1). */
  next(): number;
  /** Uniform whole number in [0, end). */
  int(end: number): number;
  /** Standard normal. */
  normal(): number;
}

const encoder = new TextEncoder();
const WORD = 2 ** 32;

/**
 * xoshiro128**, seeded by the MurmurHash3 of the seed's text.
 * @see https://prng.di.unimi.it/xoshiro128starstar.c
 */
export const seededRandom = (seed: string | number): SeededRandom => {
  const digits = murmur3(encoder.encode(String(seed)));
  const state = Uint32Array.from({ length: 4 }, (_, word) =>
    Number.parseInt(digits.slice(word * 8, word * 8 + 8), 16),
  );
  // An all-zero state would stay so.
  if (state.every((word) => word === 0)) state[0] = 1;
  let spare = Number.NaN;
  const next = (): number => (nextWord(state) * WORD + nextWord(state)) / (WORD * WORD);
  // Marsaglia's polar method makes two at a time.
  const normal = (): number => {
    if (!Number.isNaN(spare)) {
      const kept = spare;
      spare = Number.NaN;
      return kept;
    }
    let x = 0;
    let y = 0;
    let square = 0;
    do {
      x = 2 * next() - 1;
      y = 2 * next() - 1;
      square = x * x + y * y;
    } while (square >= 1 || square === 0);
    const factor = Math.sqrt((-2 * Math.log(square)) / square);
    spare = y * factor;
    return x * factor;
  };
  return { next, int: (end) => Math.floor(next() * end), normal };
};

const rotate = (word: number, by: number): number => (word << by) | (word >>> (32 - by));

const nextWord = (state: Uint32Array): number => {
  // The state has four words; a destructuring would walk an iterator.
  const a = state[0] as number;
  const b = state[1] as number;
  const c = state[2] as number;
  const d = state[3] as number;
  const result = Math.imul(rotate(Math.imul(b, 5), 7), 9) >>> 0;
  const third = c ^ a;
  const fourth = d ^ b;
  state[0] = a ^ fourth;
  state[1] = b ^ third;
  state[2] = third ^ (b << 9);
  state[3] = rotate(fourth, 11);
  return result;
};

const SECRET_BYTES = 32;

/**
 * A secret that nobody can guess, of 64 hexadecimal digits. For tokens only: no result may depend
 * on it.
 */
export const secretToken = (): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(SECRET_BYTES)), (byte) =>
    byte.toString(16).padStart(2, '0'),
  ).join('');
