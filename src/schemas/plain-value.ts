import avsc, { type Type, type types } from 'avsc';
import { readValue } from './avro-codec.ts';
import { plainType } from './plain-types.ts';
import type { SchemaRegistry } from './schema-registry.ts';
import type { ByteSource } from './serde.ts';

/** A value for people and for programs that know no Avro. */
export interface PlainValue {
  /** Name of the record as its schema has it, `json`, `text`, `bytes`, or `none` for a null. */
  readonly type: string;
  /** Unions unwrapped, instants as epoch ms, bytes as base64, longs beyond 2^53 as digits. */
  readonly value: unknown;
}

const HEADER_BYTES = 5;
/** Schemas are few; a topic of foreign bytes must not fill the memory with guesses. */
const TYPES_MAX = 1_000;

/** The branch that a union value is of, and what is in it. */
const unwrapped = (union: types.WrappedUnionType, value: unknown): readonly [Type, unknown] => {
  // With wrapUnions, avsc hands out null or an object whose one key names the branch.
  const [name = 'null', inner = null] = Object.entries(value ?? {})[0] ?? [];
  const branch = union.types.find(({ branchName }) => branchName === name);
  return [branch ?? avsc.Type.forSchema('null'), inner];
};

const plain = (type: Type, value: unknown): unknown => {
  if (type instanceof avsc.types.WrappedUnionType) return plain(...unwrapped(type, value));
  if (Buffer.isBuffer(value)) return value.toString('base64');
  if (type instanceof avsc.types.ArrayType && Array.isArray(value)) {
    return value.map((item) => plain(type.itemsType, item));
  }
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value);
  if (type instanceof avsc.types.MapType) {
    // Untyped in avsc, but a type like that of any array.
    const itemType = type.valuesType as Type;
    return Object.fromEntries(members.map(([key, item]) => [key, plain(itemType, item)]));
  }
  if (!(type instanceof avsc.types.RecordType)) return value;
  return Object.fromEntries(
    type.fields.map((field) => [
      field.name,
      plain(field.type, members.find(([name]) => name === field.name)?.[1]),
    ]),
  );
};

/** Reads what one schema wrote, for programs that know no Avro. */
export const plainReader = (schema: string): ((from: ByteSource) => unknown) => {
  const type = plainType(schema);
  return (from) => plain(type, readValue(type, from));
};

const avroType = (schema: string): Type | undefined => {
  try {
    return plainType(schema);
  } catch {
    // Protobuf, JSON Schema or a strange Avro: the caller shows values as they are.
    return undefined;
  }
};

const shortName = (name: string | undefined): string => (name ?? '').replace(/^.*\./, '');

const decoded = (type: Type, body: Buffer): PlainValue | undefined => {
  let value: unknown;
  try {
    value = type.fromBuffer(body);
  } catch {
    // Bytes that only look like the wire format: the caller shows them as they are.
    return undefined;
  }
  const [branch] = type instanceof avsc.types.WrappedUnionType ? unwrapped(type, value) : [type];
  return { type: shortName(branch.name ?? branch.typeName), value: plain(type, value) };
};

const parsed = (text: string): PlainValue | undefined => {
  try {
    return { type: 'json', value: JSON.parse(text) as unknown };
  } catch {
    // Not JSON: the caller shows it as text.
    return undefined;
  }
};

const foreign = (bytes: Buffer): PlainValue => {
  const text = bytes.toString();
  if (!Buffer.from(text).equals(bytes)) return { type: 'bytes', value: bytes.toString('base64') };
  return parsed(text) ?? { type: 'text', value: text };
};

/**
 * Reads any value of any topic: those in the wire format of a registry by the schema that wrote
 * them, others as JSON, text or bytes.
 */
export const plainValues = (
  registry: SchemaRegistry,
): ((bytes: Buffer | null) => Promise<PlainValue>) => {
  const known = new Map<number, Type | undefined>();
  const typeOf = async (id: number): Promise<Type | undefined> => {
    if (known.has(id)) return known.get(id);
    const registered = await registry.byId(id);
    // The registry remembers, for a while, what it does not have.
    if (registered === undefined) return undefined;
    const type = avroType(registered.schema);
    if (known.size < TYPES_MAX) known.set(id, type);
    return type;
  };
  return async (bytes) => {
    if (bytes === null) return { type: 'none', value: null };
    const isFramed = bytes.length >= HEADER_BYTES && bytes[0] === 0;
    const type = isFramed ? await typeOf(bytes.readInt32BE(1)) : undefined;
    const value = type === undefined ? undefined : decoded(type, bytes.subarray(HEADER_BYTES));
    return value ?? foreign(bytes);
  };
};
