import avsc, { type Schema, type Type } from 'avsc';
import { DAY_MS } from '../core/duration.ts';

const BITS_OF_A_BYTE = 7n;
/** Up to so many bytes a zigzag long is exact as a double. */
const EXACT_BYTES_MAX = 7;

/** A zigzag varint: a number where it holds it, and digits where it does not. */
const longOf = (bytes: Uint8Array): number | string => {
  if (bytes.length <= EXACT_BYTES_MAX) {
    let zigzag = 0;
    for (let index = bytes.length - 1; index >= 0; index -= 1) {
      zigzag = zigzag * 128 + ((bytes[index] ?? 0) & 0x7f);
    }
    return zigzag % 2 === 1 ? -(zigzag + 1) / 2 : zigzag / 2;
  }
  let zigzag = 0n;
  for (const byte of bytes.toReversed()) {
    zigzag = (zigzag << BITS_OF_A_BYTE) | BigInt(byte & 0x7f);
  }
  const long = (zigzag & 1n) === 1n ? -(zigzag >> 1n) - 1n : zigzag >> 1n;
  const number = Number(long);
  return Number.isSafeInteger(number) ? number : String(long);
};

const neverWritten = (): never => {
  throw new Error('plain values are read and never written');
};

/** A 64-bit id in a field that nobody reads must not cost the whole value, as avsc's own does. */
const wideLong = avsc.types.LongType.__with(
  {
    fromBuffer: longOf,
    toBuffer: neverWritten,
    fromJSON: Number,
    toJSON: Number,
    isValid: () => false,
    compare: neverWritten,
  },
  true,
);

abstract class ReadOnlyType extends avsc.types.LogicalType {
  protected override _toValue(): never {
    return neverWritten();
  }
}

/** What counts from 1970 in some unit, read as something else. */
const countOf = (read: (count: number | string) => number | string) =>
  class extends ReadOnlyType {
    protected override _fromValue(count: number | string): number | string {
      return read(count);
    }
  };

const NANOS_OF_A_MS = 1_000_000n;

/** Milliseconds of smaller units, rounded down. */
const msOfMicros = (count: number | string): number => Math.floor(Number(count) / 1_000);
const msOfNanos = (count: number | string): number => {
  const whole = BigInt(count);
  const rest = ((whole % NANOS_OF_A_MS) + NANOS_OF_A_MS) % NANOS_OF_A_MS;
  return Number((whole - rest) / NANOS_OF_A_MS);
};

const FIRST_STAMP_MS = Date.parse('0000-01-01');
const LAST_STAMP_MS = Date.parse('9999-12-31T23:59:59.999Z');
const DATE_LENGTH = '2001-01-01'.length;
const STAMP_LENGTH = '2001-01-01T00:00:00.000'.length;

/**
 * A local time as the stamp without a zone that it is, so that the reader decides where it was. A
 * time that has no year of four digits stays a number, and costs no value around it.
 */
const localStamp = (localMs: number, length = STAMP_LENGTH): number | string =>
  localMs >= FIRST_STAMP_MS && localMs <= LAST_STAMP_MS
    ? new Date(localMs).toISOString().slice(0, length)
    : localMs;

const scaleOf = (schema: Schema): number => {
  const scale: unknown = Reflect.get(Object(schema), 'scale');
  return typeof scale === 'number' ? scale : 0;
};

/** Big-endian two's complement; none is 0. */
const wholeOf = (bytes: Buffer): bigint =>
  bytes.length === 0 ? 0n : BigInt.asIntN(bytes.length * 8, BigInt(`0x${bytes.toString('hex')}`));

/** `decimal`, over bytes or a fixed, as the number that is nearest to it. */
class DecimalType extends ReadOnlyType {
  private readonly scale: number;

  constructor(schema: Schema, options?: object) {
    super(schema, options);
    this.scale = scaleOf(schema);
  }

  protected override _fromValue(bytes: Buffer): number {
    // As text, since a division would round twice.
    return Number(`${wholeOf(bytes)}e-${this.scale}`);
  }
}

const LOGICAL_TYPES = {
  'timestamp-micros': countOf(msOfMicros),
  'timestamp-nanos': countOf(msOfNanos),
  'local-timestamp-millis': countOf((count) => localStamp(Number(count))),
  'local-timestamp-micros': countOf((count) => localStamp(msOfMicros(count))),
  'local-timestamp-nanos': countOf((count) => localStamp(msOfNanos(count))),
  date: countOf((count) => localStamp(Number(count) * DAY_MS, DATE_LENGTH)),
  decimal: DecimalType,
};

const isLong = (part: Schema): boolean =>
  part === 'long' || (typeof part === 'object' && 'type' in part && part.type === 'long');

const isLogical = (part: Schema): boolean =>
  Object.hasOwn(LOGICAL_TYPES, String(Reflect.get(Object(part), 'logicalType')));

/**
 * The type of a schema for those who know no Avro: times are epoch milliseconds, dates and local
 * times stamps without a zone, decimals numbers, and longs beyond 2^53 their digits. Unions are
 * wrapped.
 */
export const plainType = (schema: string): Type => {
  // A logical type asks for the type below it with the same part.
  let within: Schema | undefined;
  // A schema that is none is refused by avsc itself.
  return avsc.Type.forSchema(JSON.parse(schema) as 'null', {
    wrapUnions: true,
    logicalTypes: LOGICAL_TYPES,
    typeHook: (part) => {
      if (!isLong(part)) return undefined;
      if (part === within || !isLogical(part)) return wideLong;
      within = part;
      return undefined;
    },
  });
};
