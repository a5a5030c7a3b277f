import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ColumnarScore } from '../../../src/schemas/columnar-score.ts';
import type { ValueType } from '../../../src/schemas/serde.ts';
import { Arena } from '../../../src/schemas/arena.ts';
import type { Score } from '../../../src/schemas/score.ts';
import { columnarScoreType } from '../../../src/schemas/score-columns.ts';
import { scoreType } from '../../../src/schemas/value-types.ts';
import { columnar, plain } from '../../support/columnar-scores.ts';
import { score } from './arbitrary-hot-records.ts';

const encoded = <T>(value: T, type: ValueType<T>): Buffer => {
  const arena = new Arena();
  arena.begin();
  type.encode(value, arena);
  return arena.take();
};

/** As forecasting writes them: a bound a level and a value a name in each step, bytes often not. */
const usual: fc.Arbitrary<Score> = fc
  .tuple(score, fc.nat(3), fc.nat(3), fc.array(fc.nat(70), { maxLength: 30 }))
  .chain(([one, levels, names, steps]) => {
    const floats = (length: number): fc.Arbitrary<Float32Array> =>
      fc
        .array(fc.float({ noNaN: true }), { minLength: length, maxLength: length })
        .map(Float32Array.from.bind(Float32Array));
    const step = fc.record({
      mean: fc.double(),
      lower: floats(levels),
      upper: floats(levels),
      naive: floats(names),
      scale: fc.float(),
    });
    return fc.array(step, { minLength: steps.length, maxLength: steps.length }).map((said) => ({
      ...one,
      levels: Float64Array.from({ length: levels }, (_, level) => 80 + level),
      naiveNames: Array.from({ length: names }, (_, name) => `naive-${name}`),
      steps: said.map((made, index) => ({ step: steps[index] ?? 0, ...made })),
    }));
  });

describe('scores written one after the other', () => {
  it('have the bytes of each written alone, whatever came before', () => {
    let steps = 0;
    fc.assert(
      fc.property(fc.array(usual, { minLength: 1, maxLength: 5 }), (scores) => {
        const type = columnarScoreType();
        // Twice in a row with the same model, and then with another one of the same levels.
        const others = scores.map((one) => ({ ...one, model: { ...one.model, version: '2' } }));
        for (const one of [...scores, ...scores, ...others].flatMap((value) => [value, value])) {
          expect(encoded(columnar(one), type).equals(encoded(one, scoreType))).toBe(true);
          steps += one.steps.length;
        }
      }),
    );
    expect(steps).toBeGreaterThan(100);
  });
});

describe('scores decoded in place', () => {
  it('equal those that are decoded into memory of their own, whatever came before', () => {
    let steps = 0;
    fc.assert(
      fc.property(fc.array(fc.oneof(score, usual), { minLength: 1, maxLength: 5 }), (scores) => {
        const type = columnarScoreType();
        // Each twice in a row, as neighbours share model and levels.
        for (const one of scores.flatMap((value) => [value, value])) {
          const bytes = encoded(one, scoreType);
          const from = { bytes, position: 0 };
          expect(plain(type.decode(from))).toEqual(plain(columnar(one)));
          expect(from.position).toBe(bytes.length);
          steps += one.steps.length;
        }
      }),
    );
    expect(steps).toBeGreaterThan(100);
  });

  it('keep model and levels the same objects while their bytes are', () => {
    const [one] = fc.sample(score, { numRuns: 1, seed: 1 });
    if (one === undefined) throw new Error('a sample has one');
    const type = columnarScoreType();
    const decode = (value: Score): ColumnarScore =>
      type.decode({ bytes: encoded(value, scoreType), position: 0 });
    const first = decode(one);
    expect(decode({ ...one, target: one.target + 1 }).model).toBe(first.model);
    const other = { ...one, model: { ...one.model, version: `${one.model.version}+` } };
    expect(decode(other).model).toEqual(other.model);
  });

  it('refuse bytes that end early', () => {
    for (const one of fc.sample(fc.oneof(score, usual), { numRuns: 20, seed: 2 })) {
      const bytes = encoded(one, scoreType);
      const type = columnarScoreType();
      for (let length = 0; length < bytes.length; length += 1) {
        const short = bytes.subarray(0, length);
        expect(() => type.decode({ bytes: short, position: 0 })).toThrow(RangeError);
      }
    }
  });

  it('refuse a score that claims more than any has, before anything is made for it', () => {
    const [one] = fc.sample(usual, { numRuns: 1, seed: 3 });
    if (one === undefined) throw new Error('a sample has one');
    const none = {
      lower: new Float32Array(),
      upper: new Float32Array(),
      naive: new Float32Array(),
    };
    const step = { step: 1, mean: 0, scale: 0, ...none };
    const wrong: Score = {
      ...one,
      levels: new Float64Array(20_000),
      steps: Array.from({ length: 20_000 }, () => step),
    };
    const bytes = encoded(wrong, scoreType);
    expect(() => columnarScoreType().decode({ bytes, position: 0 })).toThrow(/too many/u);
  });
});
