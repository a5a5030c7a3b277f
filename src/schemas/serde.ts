import type { SchemaRegistry } from './schema-registry.ts';

/**
 * A value that was read, or the reason why it could not be: bad data is a value, never an
 * exception.
 */
export type Decoded<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly reason: string; readonly detail: string };

/**
 * How a type of value goes on the wire: its schema, and functions that equal avsc byte for byte.
 */
export interface ValueType<T> {
  readonly name: string;
  /** Avro schema as JSON. */
  readonly schema: string;
  readonly encode: (value: T, to: ByteSink) => void;
  readonly decode: (from: ByteSource) => T;
}

/** A growing buffer that encoders write to; bytes are taken as a view of it. */
export interface ByteSink {
  readonly bytes: Buffer;
  /** Over the same bytes. */
  readonly view: DataView;
  position: number;
  /** Makes room for `count` more bytes. */
  reserve(count: number): void;
}

export interface ByteSource {
  readonly bytes: Buffer;
  position: number;
}

/** Decodes the values of one topic in the registry's wire format: 0x00, int32 id, body. */
export interface ValueReader<T> {
  /**
   * Undecided when the writer's schema is not known yet: call `learn` with the same records first.
   */
  decode(value: Buffer | null): Decoded<T>;
  /**
   * Fetches the writer schemas that these values name and that are not known yet; cheap when all
   * are.
   */
  learn(values: Iterable<Buffer | null>): Promise<void>;
}

/** Encodes them too. */
export interface Serde<T> extends ValueReader<T> {
  encode(value: T): Buffer;
  /** The same bytes, written where others are. */
  encodeTo(value: T, to: ByteSink): void;
}

export type OpenSerde = <T>(
  registry: SchemaRegistry,
  topic: string,
  type: ValueType<T>,
) => Promise<Serde<T>>;
