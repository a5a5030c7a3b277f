import avsc, { type Type } from 'avsc';
import type { ByteSink, ByteSource, ValueType } from './serde.ts';

/** What avsc takes as a schema. */
type AvroSchema = Parameters<typeof avsc.Type.forSchema>[0];

const NUMBERS_FOR_FLOAT: ReadonlySet<string> = new Set(['int', 'long', 'float']);
const NUMBERS_FOR_DOUBLE: ReadonlySet<string> = new Set(['int', 'long', 'float', 'double']);

/** An Avro array of doubles or floats that is a typed array here. */
class TypedArrayType extends avsc.types.LogicalType {
  private readonly make: (items: readonly number[]) => Float64Array | Float32Array;
  private readonly readable: ReadonlySet<string>;

  constructor(schema: AvroSchema, options: object, items: 'double' | 'float') {
    super(schema, options);
    const isDouble = items === 'double';
    this.make = (values) => (isDouble ? Float64Array.from(values) : Float32Array.from(values));
    this.readable = isDouble ? NUMBERS_FOR_DOUBLE : NUMBERS_FOR_FLOAT;
  }

  protected override _fromValue(value: readonly number[]): Float64Array | Float32Array {
    return this.make(value);
  }

  protected override _toValue(value: Iterable<number>): number[] {
    return Array.from(value);
  }

  /** How an older writer's array becomes ours; undefined: it cannot. */
  protected override _resolve(
    writer: Type,
  ): ((value: readonly number[]) => Float64Array | Float32Array) | undefined {
    if (!(writer instanceof avsc.types.ArrayType)) return undefined;
    return this.readable.has(writer.itemsType.typeName) ? this.make : undefined;
  }
}

const itemsOf = (schema: AvroSchema): 'double' | 'float' | undefined => {
  if (typeof schema !== 'object' || !('items' in schema)) return undefined;
  const items: unknown = schema.items;
  return items === 'double' || items === 'float' ? items : undefined;
};

/** The type of a schema as others see it: arrays are arrays. */
const plainAvroType = (schema: string): Type =>
  // A schema that is none is refused by avsc itself.
  avsc.Type.forSchema(JSON.parse(schema) as AvroSchema, { omitRecordMethods: true });

/** The type of one of our schemas: arrays of floats and doubles are typed arrays. */
const avroType = (schema: string): Type => {
  // The logical type asks for the type below it with the same schema.
  let within: AvroSchema | undefined;
  return avsc.Type.forSchema(JSON.parse(schema) as AvroSchema, {
    omitRecordMethods: true,
    typeHook: (part, options) => {
      const items = itemsOf(part);
      if (items === undefined || part === within) return undefined;
      within = part;
      return new TypedArrayType(part, options, items);
    },
  });
};

/** Reads a value that was written by one particular schema. */
export type Reader = (from: ByteSource) => unknown;

/** `{ 'dev.tidecast.ModelTrained': fields }` as avsc has it, to `{ type: 'ModelTrained', … }`. */
const unwrapped = (wrapped: unknown): unknown => {
  // A value of a wrapped union has exactly one member, which is a record in our schemas.
  const [[name, fields] = ['', {}]] = Object.entries(wrapped as Record<string, object>);
  return { type: name.slice(name.lastIndexOf('.') + 1), ...fields };
};

const isWrapped = (type: Type): boolean => type instanceof avsc.types.WrappedUnionType;

/** One value of a type, and no more. */
export const readValue = (type: Type, from: ByteSource, resolver?: avsc.Resolver): unknown => {
  // avsc says nothing of the type of a value.
  const decoded: { readonly value: unknown; readonly offset: number } = type.decode(
    from.bytes,
    from.position,
    resolver,
  );
  if (decoded.offset < 0) throw new RangeError('the value ends before its schema does');
  from.position = decoded.offset;
  return decoded.value;
};

/** Reads with the reader's schema what the writer's schema wrote; throws where that cannot be. */
export const resolvingReader = (readerSchema: string, writerSchema: string): Reader => {
  const reader = avroType(readerSchema);
  const resolver = reader.createResolver(plainAvroType(writerSchema));
  return isWrapped(reader)
    ? (from) => unwrapped(readValue(reader, from, resolver))
    : (from) => readValue(reader, from, resolver);
};

const write = (type: Type, value: unknown, to: ByteSink): void => {
  let end = type.encode(value, to.bytes, to.position);
  if (end < 0) {
    // Negative: how many bytes are missing.
    to.reserve(to.bytes.length - to.position - end);
    end = type.encode(value, to.bytes, to.position);
  }
  to.position = end;
};

/** A record that avsc encodes and decodes. */
export const avroRecord = <T>(name: string, schema: string): ValueType<T> => {
  const type = avroType(schema);
  return {
    name,
    schema,
    encode: (value, to) => {
      write(type, value, to);
    },
    // The schema and the type T say the same; test/unit/schemas holds them against each other.
    decode: (from) => readValue(type, from) as T,
  };
};

/** A union of records, which the field `type` tells apart here. */
export const avroUnion = <T extends { readonly type: string }>(
  name: string,
  schema: string,
  namespace: string,
): ValueType<T> => {
  const type = avroType(schema);
  return {
    name,
    schema,
    encode: (value, to) => {
      write(type, { [`${namespace}.${value.type}`]: value }, to);
    },
    // As above.
    decode: (from) => unwrapped(readValue(type, from)) as T,
  };
};
