import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Arena } from '../../../src/schemas/arena.ts';
import { avroRecord } from '../../../src/schemas/avro-codec.ts';
import type { ValueType } from '../../../src/schemas/serde.ts';
import {
  commitRecordType,
  featureVectorType,
  forecastType,
  lateObservationType,
  observationType,
  scoreType,
  stateBlockType,
} from '../../../src/schemas/value-types.ts';
import { arbitrary } from './arbitrary-records.ts';

const RUNS = 2_000;
const SAMPLES = 25;
/** Bytes before a value, so that nothing is aligned by chance. */
const BEFORE_MAX = 9;

const arena = new Arena();

const encoded = <T>(type: ValueType<T>, value: T): Buffer => {
  arena.begin();
  type.encode(value, arena);
  return arena.take();
};

/** The value if it can be read; what else is thrown than a RangeError gets through. */
const readOrRefused = <T>(
  type: ValueType<T>,
  bytes: Buffer,
): { value: T; end: number } | 'refused' => {
  const from = { bytes, position: 0 };
  try {
    return { value: type.decode(from), end: from.position };
  } catch (error) {
    if (error instanceof RangeError) return 'refused';
    throw error;
  }
};

/** avsc loses the last bit of longs below this; varint.test.ts has those. */
const AVSC_LONG_MIN = -(2 ** 52);

const isBeyondAvsc = (value: unknown): boolean =>
  typeof value === 'number'
    ? Number.isSafeInteger(value) && value < AVSC_LONG_MIN
    : typeof value === 'object' && value !== null && Object.values(value).some(isBeyondAvsc);

const subject = <T>(type: ValueType<T>, values: fc.Arbitrary<T>) => {
  const oracle = avroRecord<T>(type.name, type.schema);
  return {
    name: type.name,
    /** Compares the bytes of both, and reads what avsc wrote; how many values that were. */
    equal: (): number => {
      let count = 0;
      const check = (value: T, before: number): void => {
        const bytes = encoded(oracle, value);
        expect(encoded(type, value).equals(bytes)).toBe(true);
        const shifted = Buffer.concat([Buffer.alloc(before), bytes]);
        const from = { bytes: shifted, position: before };
        expect(type.decode(from)).toEqual(value);
        expect(from.position).toBe(shifted.length);
        count += 1;
      };
      fc.assert(fc.property(values, fc.nat(BEFORE_MAX), check), { seed: 1, numRuns: RUNS });
      return count;
    },
    /** Cuts samples at every byte; what became of the pieces. */
    cut: (): { readonly pieces: number; readonly outcomes: ReadonlySet<string> } => {
      const outcomes = new Set<string>();
      let pieces = 0;
      for (const value of fc.sample(values, { seed: 2, numRuns: SAMPLES })) {
        const bytes = encoded(type, value);
        for (let length = 0; length < bytes.length; length += 1) {
          const read = readOrRefused(type, bytes.subarray(0, length));
          outcomes.add(read === 'refused' ? read : 'read');
          pieces += 1;
        }
      }
      return { pieces, outcomes };
    },
    /** Changes bytes; how many of the changed values were read, and as avsc reads them. */
    damaged: (): number => {
      let count = 0;
      const check = (value: T, at: number, byte: number): void => {
        const bytes = Buffer.from(encoded(type, value));
        bytes[at % Math.max(1, bytes.length)] = byte;
        const read = readOrRefused(type, bytes);
        if (read === 'refused' || isBeyondAvsc(read.value)) return;
        const from = { bytes, position: 0 };
        expect(oracle.decode(from)).toEqual(read.value);
        expect(from.position).toBe(read.end);
        count += 1;
      };
      fc.assert(fc.property(values, fc.nat(), fc.nat(255), check), { seed: 3, numRuns: RUNS });
      return count;
    },
    /** Reads noise: refused or read, but nothing else; how often. */
    noise: (): number => {
      let count = 0;
      const check = (noise: Uint8Array): void => {
        const bytes = Buffer.from(noise);
        const read = readOrRefused(type, bytes);
        if (read !== 'refused') expect(read.end).toBeLessThanOrEqual(bytes.length);
        count += 1;
      };
      const noises = fc.uint8Array({ maxLength: 120 });
      fc.assert(fc.property(noises, check), { seed: 4, numRuns: RUNS });
      return count;
    },
  };
};

const subjects = [
  subject(observationType, arbitrary.observation),
  subject(featureVectorType, arbitrary.featureVector),
  subject(forecastType, arbitrary.forecast),
  subject(scoreType, arbitrary.score),
  subject(lateObservationType, arbitrary.lateObservation),
  subject(stateBlockType, arbitrary.stateBlock),
  subject(commitRecordType, arbitrary.commitRecord),
].map((one) => [one.name, one] as const);

describe('a generated codec', () => {
  it.each(subjects)('of %s equals avsc, byte for byte and value for value', (_name, { equal }) => {
    expect(equal()).toBe(RUNS);
  });

  it.each(subjects)('of %s refuses what ends early, at whatever byte', (_name, { cut }) => {
    const { pieces, outcomes } = cut();
    expect(pieces).toBeGreaterThan(SAMPLES * 5);
    expect(outcomes).toEqual(new Set(['refused']));
  });

  it.each(subjects)('of %s reads changed bytes as avsc does, or not', (_name, { damaged }) => {
    expect(damaged()).toBeGreaterThan(RUNS / 10);
  });

  it.each(subjects)('of %s survives noise', (_name, { noise }) => {
    expect(noise()).toBe(RUNS);
  });

  it('writes every NaN alike, whatever its bits', () => {
    const forms = [0x7ff8_0000_0000_0001n, 0xfff8_0000_0000_0000n, 0x7fff_ffff_ffff_ffffn];
    const values = new Float64Array(BigUint64Array.from(forms).buffer);
    expect(values.every(Number.isNaN)).toBe(true);
    const vector = (of: Float64Array) => ({ seriesId: '', origin: 0, schemaHash: '', values: of });
    const bytes = encoded(featureVectorType, vector(values));
    expect(bytes).toEqual(encoded(featureVectorType, vector(Float64Array.of(NaN, NaN, NaN))));
    for (const value of values) {
      const observation = (of: number) => ({
        seriesId: '',
        eventTime: 0,
        value: of,
        attributes: {},
      });
      expect(encoded(observationType, observation(value))).toEqual(
        encoded(avroRecord('Observation', observationType.schema), observation(NaN)),
      );
    }
    const floats = new Float32Array(Uint32Array.of(0xffc00000, 0x7fffffff).buffer);
    const interval = (of: Float32Array) => ({ level: 80, lower: of, upper: of });
    for (const sample of fc.sample(arbitrary.forecast, { seed: 5, numRuns: 3 })) {
      const forecast = (of: Float32Array) => ({ ...sample, intervals: [interval(of)] });
      expect(encoded(forecastType, forecast(floats))).toEqual(
        encoded(forecastType, forecast(Float32Array.of(NaN, NaN))),
      );
    }
  });
});
