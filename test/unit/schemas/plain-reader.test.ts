import avsc from 'avsc';
import { describe, expect, it } from 'vitest';
import { openPlainReader } from '../../../src/schemas/open-serde.ts';
import { MemorySchemaRegistry } from '../../../src/schemas/registry/memory-schema-registry.ts';

const READING = {
  type: 'record',
  name: 'Reading',
  namespace: 'com.example',
  fields: [
    { name: 'at', type: { type: 'long', logicalType: 'timestamp-micros' } },
    { name: 'degrees', type: ['null', 'int', 'double'] },
    {
      name: 'station',
      type: ['null', { type: 'record', name: 'Station', fields: [{ name: 'id', type: 'string' }] }],
    },
    { name: 'notes', type: { type: 'map', values: ['null', 'string'] } },
  ],
} as const;

const written = (id: number, value: object): Buffer => {
  const head = Buffer.alloc(5);
  head.writeInt32BE(id, 1);
  const type = avsc.Type.forSchema(JSON.parse(JSON.stringify(READING)) as 'null', {
    wrapUnions: true,
  });
  return Buffer.concat([head, type.toBuffer(value)]);
};

const AT = Date.UTC(2024, 0, 1);

const open = async () => {
  const registry = new MemorySchemaRegistry();
  const { id } = await registry.register('readings-value', JSON.stringify(READING));
  const value = written(id, {
    at: AT * 1_000 + 999,
    degrees: { double: 3.5 },
    station: { 'com.example.Station': { id: 'north' } },
    notes: { first: { string: 'cold' }, second: null },
  });
  const reader = openPlainReader(registry);
  await reader.learn([value, null, written(id + 1, { ...MISSING })]);
  return { id, value, reader };
};

const MISSING = { at: AT * 1_000, degrees: null, station: null, notes: {} };

describe('values of any schema', () => {
  it('are read as plain objects: unions unwrapped, instants in milliseconds', async () => {
    const { id, value, reader } = await open();
    expect(reader.decode(value)).toEqual({
      ok: true,
      value: {
        at: AT,
        degrees: 3.5,
        station: { id: 'north' },
        notes: { first: 'cold', second: null },
      },
    });
    expect(reader.decode(written(id, { ...MISSING, degrees: { int: 4 } }))).toEqual({
      ok: true,
      value: { at: AT, degrees: 4, station: null, notes: {} },
    });
  });

  it('are refused by reason where they cannot be', async () => {
    const { id, value, reader } = await open();
    const refusals = [
      null,
      Buffer.concat([Buffer.from([1]), value.subarray(1)]),
      value.subarray(0, 3),
      value.subarray(0, value.length - 4),
      Buffer.concat([value, Buffer.from([0])]),
      written(id + 1, { ...MISSING }),
    ].map((one) => reader.decode(one));
    expect(refusals.map((one) => (one.ok ? 'none' : one.reason))).toEqual([
      'VALUE_EMPTY',
      'NOT_AVRO_WIRE_FORMAT',
      'NOT_AVRO_WIRE_FORMAT',
      'VALUE_UNREADABLE',
      'VALUE_UNREADABLE',
      'SCHEMA_UNKNOWN',
    ]);
  });
});
