import type { KeyedDefinition } from './keyed.ts';

export interface JsonStoreOptions<T> {
  readonly name: string;
  readonly version: number;
  readonly initial: (key: string) => T;
}

/**
 * A store of small values that JSON can write. They are replaced, never changed in place; none
 * holds NaN or Infinity.
 */
export const jsonStore = <T>(options: JsonStoreOptions<T>): KeyedDefinition<T> => ({
  kind: 'keyed',
  ...options,
  clone: (value) => value,
  encode: (value) => Buffer.from(JSON.stringify(value)),
  // Written by `encode` above, under the same store version.
  decode: (bytes) => JSON.parse(Buffer.from(bytes).toString()) as T,
});
