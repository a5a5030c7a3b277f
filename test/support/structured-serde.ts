import { deserialize, serialize } from 'node:v8';
import type { Serde } from '../../src/schemas/serde.ts';

/** A serde without a schema, for tests of what happens to values rather than of their bytes. */
export const structuredSerde = <T>(): Serde<T> => ({
  encode: (value) => serialize(value),
  decode: (value) =>
    value === null
      ? { ok: false, reason: 'VALUE_EMPTY', detail: 'no value' }
      : // Written by `encode` above: a test feeds a topic with values of its type alone.
        { ok: true, value: deserialize(value) as T },
  learn: async () => undefined,
});
