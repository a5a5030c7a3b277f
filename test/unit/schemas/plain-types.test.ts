import avsc from 'avsc';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { plainReader } from '../../../src/schemas/plain-value.ts';

/** Longs as their 64 bits, which is what other clients write. */
const bigLong = avsc.types.LongType.__with({
  fromBuffer: (bytes: Buffer) => bytes.readBigInt64LE(),
  toBuffer: (long: bigint) => {
    const bytes = Buffer.alloc(8);
    bytes.writeBigInt64LE(long);
    return bytes;
  },
  fromJSON: BigInt,
  toJSON: Number,
  isValid: (long: unknown) => typeof long === 'bigint',
  compare: () => 0,
});

/** What is read of a record whose one field was written as the type below a logical one. */
const read = (type: object | string, value: unknown): unknown => {
  const schema = { type: 'record', name: 'Event', fields: [{ name: 'field', type }] };
  const text = JSON.stringify(schema);
  const writer = avsc.Type.forSchema(JSON.parse(text) as 'null', {
    wrapUnions: true,
    typeHook: (part) =>
      part === 'long' || Reflect.get(Object(part), 'type') === 'long' ? bigLong : undefined,
  });
  const bytes = writer.toBuffer({ field: value });
  const from = { bytes, position: 0 };
  const event = plainReader(text)(from);
  expect(from.position).toBe(bytes.length);
  return (event as { readonly field: unknown }).field;
};

const decimal = (scale: number) => ({
  type: 'bytes',
  logicalType: 'decimal',
  precision: 30,
  scale,
});
const time = (logicalType: string) => ({ type: 'long', logicalType });

describe('plain types', () => {
  it('read any long: a number where it holds it, digits where it does not', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (long) => {
        const exact = Number.isSafeInteger(Number(long));
        expect(read('long', long)).toBe(exact ? Number(long) : String(long));
      }),
    );
    fc.assert(
      fc.property(fc.maxSafeInteger(), (long) => {
        expect(read('long', BigInt(long))).toBe(long);
      }),
    );
    expect(read('long', 0n)).toBe(0);
  });

  it('read a long in a union', () => {
    expect(read(['null', 'long'], { long: 1_850_000_000_000_000_123n })).toBe(
      '1850000000000000123',
    );
    expect(read(['null', 'long'], null)).toBeNull();
  });

  it.each([
    [2, [0x04, 0xd2], 12.34],
    [2, [0xff], -0.01],
    [0, [0x00, 0xff], 255],
    [3, [], 0],
    [1, [0x03], 0.3],
    [5, [0x01, 0x63, 0x45, 0x78, 0x5d, 0x8a, 0x00, 0x01], Number('1000000000000.00001')],
  ])('read a decimal of scale %i as the nearest number', (scale, bytes, number) => {
    expect(read(decimal(scale), Buffer.from(bytes))).toBe(number);
  });

  it('read a decimal over a fixed, in a union, without a scale', () => {
    const type = { type: 'fixed', name: 'Amount', size: 4, logicalType: 'decimal', precision: 9 };
    expect(read(type, Buffer.from([0xff, 0xff, 0xff, 0x00]))).toBe(-256);
    expect(read(['null', decimal(2)], { bytes: Buffer.from([0x04, 0xd2]) })).toBe(12.34);
  });

  it.each([
    [time('timestamp-millis'), 1_704_067_200_999n],
    [time('timestamp-micros'), 1_704_067_200_999_999n],
    [time('timestamp-nanos'), 1_704_067_200_999_999_999n],
  ])('read %j as epoch milliseconds, rounded down', (type, count) => {
    expect(read(type, count)).toBe(1_704_067_200_999);
  });

  it('round times before 1970 down, too', () => {
    expect(read(time('timestamp-nanos'), -1n)).toBe(-1);
    expect(read(time('timestamp-micros'), -1n)).toBe(-1);
  });

  it.each([
    [time('local-timestamp-millis'), 1_704_067_200_999n, '2024-01-01T00:00:00.999'],
    [time('local-timestamp-micros'), 1_704_067_200_999_999n, '2024-01-01T00:00:00.999'],
    [time('local-timestamp-nanos'), 1_704_067_200_999_999_999n, '2024-01-01T00:00:00.999'],
    [time('local-timestamp-micros'), -1n, '1969-12-31T23:59:59.999'],
    [{ type: 'int', logicalType: 'date' }, 19_723, '2024-01-01'],
  ])('read %j, which has no zone, as a stamp without one', (type, count, stamp) => {
    expect(read(type, count)).toBe(stamp);
  });

  it('read what no calendar has as the milliseconds that it would be', () => {
    const never = 2n ** 63n - 1n;
    expect(read(time('local-timestamp-millis'), never)).toBe(Number(never));
    expect(read({ type: 'int', logicalType: 'date' }, 2 ** 31 - 1)).toBe(
      (2 ** 31 - 1) * 86_400_000,
    );
    expect(read(time('local-timestamp-millis'), 253_402_300_800_000n)).toBe(253_402_300_800_000);
  });
});
