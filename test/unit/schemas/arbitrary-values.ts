import * as fc from 'fast-check';

/** avsc loses the last bit of negative longs beyond 2^52; varint.test.ts has those. */
const LONG_MAX = 2 ** 52;

export const text = fc.oneof(
  fc.string({ maxLength: 12 }),
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.string({ minLength: 50, maxLength: 200 }),
  fc.constantFrom('', 'ORD', 'série-é', '長い名前', '🙂', 'é'.repeat(40), 'a'.repeat(64)),
);
export const long = fc.oneof(
  fc.integer(),
  fc.integer({ min: -LONG_MAX, max: LONG_MAX }),
  fc.constantFrom(0, -1, 63, 64, -64, -65, 2 ** 31, -(2 ** 31) - 1, 2 ** 40, LONG_MAX, -LONG_MAX),
);
export const time = fc.oneof(fc.integer({ min: 0, max: 4e12 }), long);
export const int = fc.integer();
/** NaN, infinities and -0 among them. */
export const double = fc.oneof(fc.double(), fc.constantFrom(NaN, Infinity, -Infinity, -0, 0));
export const float = fc.oneof(fc.float(), fc.constantFrom(NaN, Infinity, -Infinity, -0, 0));
export const doubles: fc.Arbitrary<Float64Array> = fc.float64Array({ maxLength: 40 });
export const floats: fc.Arbitrary<Float32Array> = fc.float32Array({ maxLength: 8 });
export const bytes = fc.uint8Array({ maxLength: 300 }).map((array) => Buffer.from(array));

export const texts: fc.Arbitrary<readonly string[]> = fc.array(text, { maxLength: 3 });

/** `__proto__` is no name: assigning to it is not a member. */
const name = text.filter((candidate) => candidate !== '__proto__');

export const dictionary = <T>(values: fc.Arbitrary<T>): fc.Arbitrary<Record<string, T>> =>
  fc.dictionary(name, values, { noNullPrototype: true });
