import { Type } from 'avsc';
import { describe, expect, it } from 'vitest';
import { plainValues } from '../../../src/schemas/plain-value.ts';
import type { SchemaRegistry } from '../../../src/schemas/schema-registry.ts';

const OBSERVATION = {
  type: 'record',
  name: 'tidecast.Observation',
  fields: [
    { name: 'seriesId', type: 'string' },
    { name: 'eventTime', type: { type: 'long', logicalType: 'timestamp-millis' } },
    { name: 'value', type: ['null', 'double'] },
    { name: 'attributes', type: { type: 'map', values: ['null', 'bytes'] } },
  ],
} as const;

const STARTED = { type: 'record', name: 'tidecast.Started', fields: [] } as const;
const EVENT = [OBSERVATION, STARTED] as const;

/** Of other kinds than Avro, as a registry has them too. */
const FOREIGN_SCHEMAS = [
  'syntax = "proto3"; message Event { string id = 1; }',
  '{"$schema":"http://json-schema.org/draft-07/schema#","type":"object"}',
];

const registry: SchemaRegistry = {
  register: () => Promise.reject(new Error('not needed')),
  byId: (id) =>
    Promise.resolve(
      [JSON.stringify(OBSERVATION), JSON.stringify(EVENT), ...FOREIGN_SCHEMAS].map(
        (schema, index) => ({ id: index + 1, subject: 's', version: 1, schema }),
      )[id - 1],
    ),
  find: () => Promise.reject(new Error('not needed')),
  versions: () => Promise.reject(new Error('not needed')),
  compatibility: () => Promise.reject(new Error('not needed')),
  subjects: () => Promise.resolve([]),
};

const framed = (id: number, body: Buffer): Buffer => {
  const header = Buffer.alloc(5);
  header.writeInt32BE(id, 1);
  return Buffer.concat([header, body]);
};

const plain = (bytes: Buffer | null) => plainValues(registry)(bytes);

const value = {
  seriesId: 'a',
  eventTime: 978_307_200_000,
  value: { double: 1.5 },
  attributes: { raw: { bytes: Buffer.from([1, 2]) }, none: null },
};
const expected = {
  seriesId: 'a',
  eventTime: 978_307_200_000,
  value: 1.5,
  attributes: { raw: 'AQI=', none: null },
};

// Type.forSchema takes a mutable schema.
const typeOf = (schema: unknown) => Type.forSchema(schema as 'null', { wrapUnions: true });

describe('plainValues', () => {
  it('unwraps unions and writes bytes as base64', async () => {
    const bytes = framed(1, typeOf(OBSERVATION).toBuffer(value));
    expect(await plain(bytes)).toEqual({ type: 'Observation', value: expected });
    const gap = framed(1, typeOf(OBSERVATION).toBuffer({ ...value, value: null }));
    expect(await plain(gap)).toMatchObject({ value: { value: null } });
  });

  it('names the branch of a union of records', async () => {
    const type = typeOf(EVENT);
    const first = framed(2, type.toBuffer({ 'tidecast.Observation': value }));
    expect(await plain(first)).toEqual({ type: 'Observation', value: expected });
    const second = framed(2, type.toBuffer({ 'tidecast.Started': {} }));
    expect(await plain(second)).toEqual({ type: 'Started', value: {} });
  });

  it.each([
    [null, { type: 'none', value: null }],
    [Buffer.from('{"a":[1]}'), { type: 'json', value: { a: [1] } }],
    [Buffer.from('{broken'), { type: 'text', value: '{broken' }],
    [Buffer.from([0xff, 0xfe]), { type: 'bytes', value: '//4=' }],
    [framed(9, Buffer.from([0xff])), { type: 'bytes', value: 'AAAAAAn/' }],
    [framed(3, Buffer.from([0, 10, 1, 255])), { type: 'bytes', value: 'AAAAAAMACgH/' }],
    [
      framed(4, Buffer.from('{"a":1}')),
      { type: 'text', value: '\u0000\u0000\u0000\u0000\u0004{"a":1}' },
    ],
    [framed(1, Buffer.from([0xff])), { type: 'bytes', value: 'AAAAAAH/' }],
  ])('shows what is no known Avro as it is: %j', async (bytes, shown) => {
    expect(await plain(bytes)).toEqual(shown);
  });
});
