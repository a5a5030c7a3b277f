import { messageOf } from '../core/errors.ts';
import { Arena } from './arena.ts';
import { resolvingReader, type Reader } from './avro-codec.ts';
import { plainReader } from './plain-value.ts';
import type { SchemaRegistry } from './schema-registry.ts';
import type {
  ByteSink,
  ByteSource,
  Decoded,
  OpenSerde,
  Serde,
  ValueReader,
  ValueType,
} from './serde.ts';

/** Why bytes are no value of their topic: stable codes of dead letters. */
export const DECODE_REASONS = [
  'VALUE_EMPTY',
  'NOT_AVRO_WIRE_FORMAT',
  'SCHEMA_UNKNOWN',
  'SCHEMA_INCOMPATIBLE',
  'VALUE_UNREADABLE',
] as const;

export type DecodeReason = (typeof DECODE_REASONS)[number];

interface Refused {
  readonly ok: false;
  readonly reason: DecodeReason;
  readonly detail: string;
}

/** 0x00 and the schema's id as a big-endian int32. */
const HEADER_BYTES = 5;

/** Writer schemas that one serde remembers; a topic of foreign bytes must not fill the memory. */
const WRITERS_MAX = 1_000;

/** All values of a process go through one arena: encoding is synchronous, so none overlap. */
const arena = new Arena();

const refused = (reason: DecodeReason, detail: string): Refused => ({ ok: false, reason, detail });

const isFramed = (value: Buffer): boolean => value.length >= HEADER_BYTES && value[0] === 0;

/** Reads in place what `Buffer.readInt32BE` would check once more. */
const schemaIdOf = (value: Buffer): number =>
  // A framed value has these bytes.
  ((value[1] as number) << 24) |
  ((value[2] as number) << 16) |
  ((value[3] as number) << 8) |
  (value[4] as number);

/** How the values of one topic are read, by the id of the schema that wrote them. */
class Readers<T> {
  private readonly known = new Map<number, ((from: ByteSource) => T) | Refused>();
  private readonly registry: SchemaRegistry;
  private readonly resolve: (writerSchema: string) => (from: ByteSource) => T;
  private readonly name: string;

  /** `name` is that of what comes out, for messages. */
  constructor(
    registry: SchemaRegistry,
    name: string,
    resolve: (writerSchema: string) => (from: ByteSource) => T,
  ) {
    this.registry = registry;
    this.name = name;
    this.resolve = resolve;
  }

  add(id: number, read: (from: ByteSource) => T): void {
    this.known.set(id, read);
  }

  has(id: number): boolean {
    return this.known.has(id);
  }

  get(id: number): ((from: ByteSource) => T) | Refused {
    return this.known.get(id) ?? refused('SCHEMA_UNKNOWN', `the registry has no schema ${id}`);
  }

  /**
   * Rejects, retriably, where the registry does not answer: the task waits with its records until
   * it does. That an id is not there is for the registry to remember, and for how long.
   */
  async learn(id: number): Promise<void> {
    const registered = await this.registry.byId(id);
    if (registered === undefined) return;
    if (this.known.size > WRITERS_MAX) this.forgetFirst();
    this.known.set(id, this.resolving(id, registered.schema));
  }

  /** The first was added when the topic was opened: its own schema, which stays. */
  private forgetFirst(): void {
    const [, first] = this.known.keys();
    if (first !== undefined) this.known.delete(first);
  }

  private resolving(id: number, writerSchema: string): ((from: ByteSource) => T) | Refused {
    try {
      return this.resolve(writerSchema);
    } catch (error) {
      return refused(
        'SCHEMA_INCOMPATIBLE',
        `schema ${id} cannot be read as ${this.name}: ${messageOf(error)}`,
      );
    }
  }
}

const decodeWith = <T>(readers: Readers<T>, value: Buffer): Decoded<T> => {
  const read = readers.get(schemaIdOf(value));
  if (typeof read !== 'function') return read;
  const from = { bytes: value, position: HEADER_BYTES };
  try {
    const decoded = read(from);
    if (from.position === value.length) return { ok: true, value: decoded };
  } catch (error) {
    return refused('VALUE_UNREADABLE', messageOf(error));
  }
  return refused(
    'VALUE_UNREADABLE',
    `${value.length - from.position} bytes are left after the value's end`,
  );
};

const reading = <T>(readers: Readers<T>): ValueReader<T> => ({
  decode(value) {
    if (value === null) return refused('VALUE_EMPTY', 'the record has no value');
    return isFramed(value)
      ? decodeWith(readers, value)
      : refused('NOT_AVRO_WIRE_FORMAT', 'the value does not begin with 0x00 and a schema id');
  },
  async learn(values) {
    let unknown: Set<number> | undefined;
    for (const value of values) {
      if (value === null || !isFramed(value)) continue;
      const id = schemaIdOf(value);
      // Nearly all are known, and waiting even for nothing is a promise a record.
      if (!readers.has(id)) (unknown ??= new Set()).add(id);
    }
    for (const id of unknown ?? []) await readers.learn(id);
  },
});

/** Reads values of any schema, as plain objects: unions unwrapped, instants as epoch ms. */
export const openPlainReader = (registry: SchemaRegistry): ValueReader<unknown> =>
  reading(new Readers(registry, 'a plain value', plainReader));

/**
 * The serde of one topic, its schema registered under `<topic>-value`. Encoded buffers are views
 * that stay true for as long as they are held.
 */
export const openSerde: OpenSerde = async <T>(
  registry: SchemaRegistry,
  topic: string,
  type: ValueType<T>,
): Promise<Serde<T>> => {
  const { id } = await registry.register(`${topic}-value`, type.schema);
  const readers = new Readers(
    registry,
    type.name,
    (writerSchema) =>
      // A reader by the schema of T gives values of T.
      resolvingReader(type.schema, writerSchema) as Reader & ((from: ByteSource) => T),
  );
  readers.add(id, (from) => type.decode(from));
  const encodeTo = (value: T, to: ByteSink): void => {
    to.reserve(HEADER_BYTES);
    to.view.setUint8(to.position, 0);
    to.view.setInt32(to.position + 1, id);
    to.position += HEADER_BYTES;
    type.encode(value, to);
  };
  return {
    encode(value) {
      arena.begin();
      encodeTo(value, arena);
      return arena.take();
    },
    encodeTo,
    ...reading(readers),
  };
};
