import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Arena } from '../../../src/schemas/arena.ts';
import { avroRecord } from '../../../src/schemas/avro-codec.ts';
import {
  writeByte,
  writeBytes,
  writeDouble,
  writeFloat,
  writeLong,
  writeText,
} from '../../../src/schemas/avro-writers.ts';
import type { ByteSink, ValueType } from '../../../src/schemas/serde.ts';
import {
  featureVectorType,
  observationType,
  scoreType,
  stateBlockType,
} from '../../../src/schemas/value-types.ts';
import { featureVector, observation, score } from './arbitrary-hot-records.ts';

const RUNS = 300;

/** Up to how many items the next blocks have; negative: with their size in bytes. */
const blockSizes = fc.array(fc.integer({ min: -4, max: 4 }), { minLength: 1, maxLength: 6 });

const bytesOf = (write: (to: ByteSink) => void): Buffer => {
  const arena = new Arena();
  arena.begin();
  write(arena);
  return arena.take();
};

/** Writes items in blocks of those sizes, over and over, as other writers may. */
const inBlocks = <T>(sizes: readonly number[]) => {
  let block = 0;
  return (to: ByteSink, items: readonly T[], write: (to: ByteSink, item: T) => void): void => {
    for (let rest = items; rest.length > 0; block += 1) {
      const size = sizes[block % sizes.length] ?? 1;
      const now = rest.slice(0, Math.max(1, Math.abs(size)));
      rest = rest.slice(now.length);
      const body = bytesOf((inner) => {
        for (const item of now) write(inner, item);
      });
      writeLong(to, size < 0 ? -now.length : now.length);
      if (size < 0) writeLong(to, body.length);
      for (const byte of body) writeByte(to, byte);
    }
    writeByte(to, 0);
  };
};

/** Both codecs read the value, whole. */
const readsAs = <T>(type: ValueType<T>, bytes: Buffer, value: T): void => {
  for (const one of [type, avroRecord<T>(type.name, type.schema)]) {
    const from = { bytes, position: 0 };
    expect(one.decode(from)).toEqual(value);
    expect(from.position).toBe(bytes.length);
  }
};

/** Checks values with random blocks; how many that were. */
const checked = <T>(
  values: fc.Arbitrary<T>,
  check: (value: T, sizes: readonly number[]) => void,
) => {
  let runs = 0;
  fc.assert(
    fc.property(values, blockSizes, (value, sizes) => {
      check(value, sizes);
      runs += 1;
    }),
    { seed: 1, numRuns: RUNS },
  );
  return runs;
};

describe('a generated decoder', () => {
  it('reads doubles in several blocks, with and without their sizes', () => {
    const runs = checked(featureVector, (value, sizes) => {
      const bytes = bytesOf((to) => {
        writeText(to, value.seriesId);
        writeLong(to, value.origin);
        writeText(to, value.schemaHash);
        inBlocks<number>(sizes)(to, [...value.values], writeDouble);
      });
      readsAs(featureVectorType, bytes, value);
    });
    expect(runs).toBe(RUNS);
  });

  it('reads maps in several blocks, with and without their sizes', () => {
    const runs = checked(observation, (value, sizes) => {
      const bytes = bytesOf((to) => {
        writeText(to, value.seriesId);
        writeLong(to, value.eventTime);
        writeByte(to, value.value === null ? 0 : 2);
        if (value.value !== null) writeDouble(to, value.value);
        inBlocks<readonly [string, string]>(sizes)(
          to,
          Object.entries(value.attributes),
          (inner, [name, text]) => {
            writeText(inner, name);
            writeText(inner, text);
          },
        );
      });
      readsAs(observationType, bytes, value);
    });
    expect(runs).toBe(RUNS);
  });

  it('reads texts, floats and records in several blocks, with and without their sizes', () => {
    const roles = ['champion', 'shadow', 'fallback'];
    const runs = checked(score, (value, sizes) => {
      const floats = inBlocks<number>(sizes);
      const bytes = bytesOf((to) => {
        writeText(to, value.seriesId);
        writeLong(to, value.target);
        writeDouble(to, value.actual);
        writeLong(to, value.revision);
        writeByte(to, value.supersededActual === null ? 0 : 2);
        if (value.supersededActual !== null) writeDouble(to, value.supersededActual);
        for (const text of [value.model.name, value.model.version, value.model.sha256]) {
          writeText(to, text);
        }
        writeLong(to, roles.indexOf(value.model.role));
        inBlocks<number>(sizes)(to, [...value.levels], writeDouble);
        inBlocks<string>(sizes)(to, value.naiveNames, writeText);
        inBlocks<(typeof value.steps)[number]>(sizes)(to, value.steps, (inner, step) => {
          writeLong(inner, step.step);
          writeDouble(inner, step.mean);
          for (const array of [step.lower, step.upper, step.naive]) {
            floats(inner, [...array], writeFloat);
          }
          writeFloat(inner, step.scale);
        });
      });
      readsAs(scoreType, bytes, value);
    });
    expect(runs).toBe(RUNS);
  });

  it('refuses a count that the bytes cannot hold before it makes room for it', () => {
    const counted = (count: number): Buffer =>
      bytesOf((to) => {
        writeText(to, 'a');
        writeLong(to, 0);
        writeText(to, 'h');
        writeLong(to, count);
        for (const value of [1, 2, 3]) writeDouble(to, value);
        writeByte(to, 0);
      });
    const from = (count: number) => ({ bytes: counted(count), position: 0 });
    expect(featureVectorType.decode(from(3)).values).toEqual(Float64Array.of(1, 2, 3));
    for (const count of [4, 1e6, 2 ** 40, 2 ** 53 - 1, -4, -(2 ** 40)]) {
      expect(() => featureVectorType.decode(from(count))).toThrow(RangeError);
    }
  });

  it('keeps what it decoded true, however much it decodes after it', () => {
    const values = Array.from({ length: 800 }, (_, index) => ({
      seriesId: `${index}`,
      origin: index,
      schemaHash: '',
      values: Float64Array.from({ length: index % 400 }, (_item, item) => index + item / 1_000),
    }));
    const decoded = values.map((value) => {
      const bytes = bytesOf((to) => {
        featureVectorType.encode(value, to);
      });
      const read = featureVectorType.decode({ bytes, position: 0 });
      bytes.fill(0xff);
      return read;
    });
    expect(decoded).toEqual(values);
  });

  it('reads bytes as a copy, since a source may be written again', () => {
    const bytes = bytesOf((to) => {
      writeBytes(to, Buffer.from([1, 2, 3]));
    });
    const { data } = stateBlockType.decode({ bytes, position: 0 });
    bytes.fill(0xff);
    expect(data).toEqual(Buffer.from([1, 2, 3]));
  });

  it('keeps an attribute of any name, __proto__ too', () => {
    const attributes: Record<string, string> = {};
    Object.defineProperty(attributes, '__proto__', { value: 'x', enumerable: true });
    const bytes = bytesOf((to) => {
      observationType.encode({ seriesId: 'a', eventTime: 0, value: null, attributes }, to);
    });
    const read = observationType.decode({ bytes, position: 0 });
    expect(Object.entries(read.attributes)).toEqual([['__proto__', 'x']]);
    expect(Object.getPrototypeOf(read.attributes)).toBe(Object.prototype);
  });
});
