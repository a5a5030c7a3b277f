import type { Serde } from '../../src/schemas/serde.ts';

const FLOATS = { f64: Float64Array, f32: Float32Array };

const isPlain = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;

const write = (_name: string, value: unknown): unknown => {
  if (value instanceof Float64Array) return { f64: [...value] };
  if (value instanceof Float32Array) return { f32: [...value] };
  return typeof value === 'number' && !Number.isFinite(value) ? { number: String(value) } : value;
};

const read = (_name: string, value: unknown): unknown => {
  if (!isPlain(value)) return value;
  if (typeof value['number'] === 'string') return Number(value['number']);
  for (const [tag, floats] of Object.entries(FLOATS)) {
    // Tagged by `write` above, and by nothing else.
    if (Array.isArray(value[tag])) return floats.from(value[tag] as number[]);
  }
  return value;
};

const encoded = (value: unknown): Buffer => Buffer.from(JSON.stringify(value, write));

/** A serde without a schema, for tests of what happens to values rather than of their bytes. */
export const structuredSerde = <T>(): Serde<T> => ({
  encode: encoded,
  encodeTo: (value, to) => {
    const bytes = encoded(value);
    to.reserve(bytes.length);
    to.bytes.set(bytes, to.position);
    to.position += bytes.length;
  },
  decode: (value) =>
    value === null
      ? { ok: false, reason: 'VALUE_EMPTY', detail: 'no value' }
      : // Written by `encode` above: a test feeds a topic with values of its type alone.
        { ok: true, value: JSON.parse(value.toString(), read) as T },
  learn: async () => undefined,
});
