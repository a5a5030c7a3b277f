import { describe, expect, it } from 'vitest';
import { refuseIncompatible } from '../../../src/schemas/compatibility.ts';
import { SchemaError } from '../../../src/schemas/errors.ts';

const A = { name: 'a', type: 'long' };
const record = (...fields: readonly object[]): string =>
  JSON.stringify({ type: 'record', name: 'R', fields });
const enumeration = (symbols: readonly string[]): string =>
  record({ name: 'e', type: { type: 'enum', name: 'E', symbols } });

/** The code with which the schema is refused after these; undefined: it is taken. */
const refusal = (schema: string, ...earlier: readonly string[]): string | undefined => {
  try {
    refuseIncompatible(
      's',
      schema,
      earlier.map((text, index) => ({ version: index + 1, schema: text })),
    );
    return undefined;
  } catch (error) {
    return error instanceof SchemaError ? `${error.code}: ${error.message}` : String(error);
  }
};

describe('a new schema', () => {
  it.each([
    ['the first', record(A), []],
    ['the same again', record(A), [record(A)]],
    ['a field with a default', record(A, { name: 'b', type: 'int', default: 1 }), [record(A)]],
    ['a field less', record(A), [record(A, { name: 'b', type: 'int' })]],
    ['a wider number', record({ name: 'a', type: 'double' }), [record(A)]],
    ['a null allowed', record({ name: 'a', type: ['null', 'long'] }), [record(A)]],
    ['one symbol more', enumeration(['x', 'y']), [enumeration(['x'])]],
  ])('is taken: %s', (_what, schema, earlier) => {
    expect(refusal(schema, ...earlier)).toBeUndefined();
  });

  it.each([
    ['a field without a default', record(A, { name: 'b', type: 'int' }), [record(A)]],
    ['another type', record({ name: 'a', type: 'string' }), [record(A)]],
    ['a narrower number', record({ name: 'a', type: 'int' }), [record(A)]],
    ['null no longer allowed', record(A), [record({ name: 'a', type: ['null', 'long'] })]],
    ['a symbol less', enumeration(['x']), [enumeration(['x', 'y'])]],
    [
      'it reads the last version but not the first',
      record(A, { name: 'b', type: 'int' }),
      [record(A), record(A, { name: 'b', type: 'int', default: 1 })],
    ],
  ])('is refused: %s', (_what, schema, earlier) => {
    expect(refusal(schema, ...earlier)).toMatch(/^SCHEMA_INCOMPATIBLE: .* version 1: /);
  });

  it.each(['no JSON', '{"type":"nothing"}', '7'])('is refused as none: %s', (schema) => {
    expect(refusal(schema)).toMatch(/^SCHEMA_INVALID: what s is to hold/);
    expect(refusal(record(A), schema)).toMatch(/^SCHEMA_INVALID: version 1 of s/);
  });
});
