import { describe, expect, it } from 'vitest';
import { Arena } from '../../../src/schemas/arena.ts';
import { avroRecord } from '../../../src/schemas/avro-codec.ts';
import { openSerde } from '../../../src/schemas/open-serde.ts';
import { MemorySchemaRegistry } from '../../../src/schemas/registry/memory-schema-registry.ts';
import type { RegisteredSchema } from '../../../src/schemas/schema-registry.ts';
import type { ValueType } from '../../../src/schemas/serde.ts';
import { forecastType, observationType } from '../../../src/schemas/value-types.ts';

const TOPIC = 'readings';

interface Reading {
  readonly id: string;
  readonly level: number;
  readonly unit: string;
  readonly samples: Float64Array;
}

const record = (...fields: readonly object[]): string =>
  JSON.stringify({ type: 'record', name: 'Reading', fields });

const OLDER = record({ name: 'id', type: 'string' }, { name: 'level', type: 'int' });
const FOREIGN = record({ name: 'other', type: 'bytes' });

const readingType = avroRecord<Reading>(
  'Reading',
  record(
    { name: 'id', type: 'string' },
    { name: 'level', type: 'double' },
    { name: 'unit', type: 'string', default: 'm' },
    { name: 'samples', type: { type: 'array', items: 'double' }, default: [] },
  ),
);

const reading: Reading = { id: 'a', level: 1.5, unit: 'm', samples: Float64Array.of(1, 2) };

/** A value as a writer with that schema id puts it on the wire. */
const written = <T>(id: number, type: ValueType<T>, value: T): Buffer => {
  const header = Buffer.alloc(5);
  header.writeInt32BE(id, 1);
  const arena = new Arena();
  arena.begin();
  type.encode(value, arena);
  return Buffer.concat([header, arena.take()]);
};

/** Counts how often a schema was asked for. */
class CountingRegistry extends MemorySchemaRegistry {
  asked = 0;

  override byId(id: number): Promise<RegisteredSchema | undefined> {
    this.asked += 1;
    return super.byId(id);
  }
}

const opened = async () => {
  const registry = new CountingRegistry();
  return { registry, serde: await openSerde(registry, TOPIC, readingType) };
};

describe('a serde', () => {
  it('writes a zero byte, the id as int32, and the body, and reads it back', async () => {
    const registry = new MemorySchemaRegistry();
    await registry.register('another', FOREIGN);
    const serde = await openSerde(registry, TOPIC, readingType);
    const bytes = serde.encode(reading);
    expect([...bytes.subarray(0, 5)]).toEqual([0, 0, 0, 0, 2]);
    expect(bytes).toEqual(written(2, readingType, reading));
    expect(serde.decode(bytes)).toEqual({ ok: true, value: reading });
    expect((await registry.subjects()).map(({ subject }) => subject)).toContain('readings-value');
  });

  it('keeps what it encoded true, however much is encoded after it', async () => {
    const registry = new MemorySchemaRegistry();
    const serde = await openSerde(registry, 'observations', observationType);
    const value = (index: number) => ({
      seriesId: `series-${index}`.repeat(200),
      eventTime: index,
      value: index,
      attributes: {},
    });
    const all = Array.from({ length: 2_000 }, (_, index) => serde.encode(value(index)));
    expect(all.reduce((sum, { length }) => sum + length, 0)).toBeGreaterThan(2 << 20);
    for (const [index, bytes] of all.entries()) {
      expect(serde.decode(bytes)).toEqual({ ok: true, value: value(index) });
    }
  });

  it('refuses a tombstone, whose meaning is its reader\u2019s', async () => {
    const { serde } = await opened();
    expect(serde.decode(null)).toMatchObject({ ok: false, reason: 'VALUE_EMPTY' });
  });

  it.each([
    ['nothing', ''],
    ['less than a header', '00000000'],
    ['another first byte', '0100000001027802'],
    ['JSON', Buffer.from('{"id":"a"}').toString('hex')],
  ])('refuses %s as not being in the wire format', async (_what, hex) => {
    const { serde } = await opened();
    expect(serde.decode(Buffer.from(hex, 'hex'))).toMatchObject({
      ok: false,
      reason: 'NOT_AVRO_WIRE_FORMAT',
    });
  });

  it('refuses a value that ends early, at whatever byte', async () => {
    const { serde } = await opened();
    const bytes = serde.encode(reading);
    const reasons = new Set<string>();
    for (let length = 5; length < bytes.length; length += 1) {
      const decoded = serde.decode(bytes.subarray(0, length));
      reasons.add(decoded.ok ? 'read' : decoded.reason);
    }
    expect(reasons).toEqual(new Set(['VALUE_UNREADABLE']));
  });

  it('refuses bytes that are left after the value', async () => {
    const { serde } = await opened();
    const decoded = serde.decode(Buffer.concat([serde.encode(reading), Buffer.from([0, 0])]));
    expect(decoded).toEqual({
      ok: false,
      reason: 'VALUE_UNREADABLE',
      detail: "2 bytes are left after the value's end",
    });
  });

  it('refuses an id that the registry has not, and asks again', async () => {
    const { registry, serde } = await opened();
    const bytes = written(2, readingType, reading);
    for (let times = 1; times <= 2; times += 1) {
      await serde.learn([bytes, bytes]);
      expect(serde.decode(bytes)).toMatchObject({
        reason: 'SCHEMA_UNKNOWN',
        detail: 'the registry has no schema 2',
      });
      expect(registry.asked).toBe(times);
    }
    await registry.register('another', readingType.schema.replace('Reading', 'ReadingToo'));
    await serde.learn([bytes]);
    expect(serde.decode(bytes)).not.toMatchObject({ reason: 'SCHEMA_UNKNOWN' });
  });

  it('decides about no id while the registry is down, and reads on by others', async () => {
    const { registry, serde } = await opened();
    const { id } = await registry.register('another', OLDER);
    const olderType = avroRecord<Pick<Reading, 'id' | 'level'>>('Reading', OLDER);
    const bytes = written(id, olderType, { id: 'b', level: 7 });
    const own = Buffer.from(serde.encode(reading));
    const down = new Error('down');
    const byId = registry.byId.bind(registry);
    registry.byId = () => Promise.reject(down);
    await expect(serde.learn([own, bytes])).rejects.toBe(down);
    await serde.learn([own]);
    expect(serde.decode(own)).toMatchObject({ ok: true });
    registry.byId = byId;
    await serde.learn([own, bytes]);
    expect(serde.decode(bytes)).toMatchObject({ ok: true });
  });

  it('reads an older writer, with defaults for what it did not write', async () => {
    const registry = new CountingRegistry();
    const { id } = await registry.register(`${TOPIC}-value`, OLDER);
    const serde = await openSerde(registry, TOPIC, readingType);
    const olderType = avroRecord<Pick<Reading, 'id' | 'level'>>('Reading', OLDER);
    const bytes = written(id, olderType, { id: 'b', level: 7 });
    await serde.learn([null, Buffer.from('foreign'), bytes, bytes]);
    expect(registry.asked).toBe(1);
    expect(serde.decode(bytes)).toEqual({
      ok: true,
      value: { id: 'b', level: 7, unit: 'm', samples: new Float64Array() },
    });
    for (let length = 5; length < bytes.length; length += 1) {
      expect(serde.decode(bytes.subarray(0, length))).toMatchObject({ reason: 'VALUE_UNREADABLE' });
    }
    expect(serde.decode(Buffer.concat([bytes, bytes]))).toMatchObject({
      reason: 'VALUE_UNREADABLE',
    });
  });

  it('reads an older array of longs as doubles', async () => {
    const older = record(
      { name: 'id', type: 'string' },
      { name: 'level', type: 'long' },
      { name: 'samples', type: { type: 'array', items: 'long' } },
    );
    const registry = new MemorySchemaRegistry();
    const { id } = await registry.register('elsewhere', older);
    const serde = await openSerde(registry, TOPIC, readingType);
    const type = avroRecord<object>('Reading', older);
    const bytes = written(id, type, { id: 'c', level: 3, samples: [1, -2] });
    await serde.learn([bytes]);
    expect(serde.decode(bytes)).toEqual({
      ok: true,
      value: { id: 'c', level: 3, unit: 'm', samples: Float64Array.of(1, -2) },
    });
  });

  it('refuses a writer that its own schema cannot read, by name', async () => {
    const { registry, serde } = await opened();
    const { id } = await registry.register('another', FOREIGN);
    const bytes = written(id, avroRecord<object>('Reading', FOREIGN), { other: Buffer.alloc(3) });
    await serde.learn([bytes]);
    const decoded = serde.decode(bytes);
    expect(decoded).toMatchObject({ ok: false, reason: 'SCHEMA_INCOMPATIBLE' });
    expect(JSON.stringify(decoded)).toContain('cannot be read as Reading');
  });

  it('is not opened for a subject that holds what its schema cannot read', async () => {
    const registry = new MemorySchemaRegistry();
    await registry.register('forecasts-value', FOREIGN);
    await expect(openSerde(registry, 'forecasts', forecastType)).rejects.toMatchObject({
      code: 'SCHEMA_INCOMPATIBLE',
      retriable: false,
    });
  });

  it('remembers a bounded number of writers, its own always', async () => {
    const { registry, serde } = await opened();
    registry.byId = (id) => {
      registry.asked += 1;
      return Promise.resolve({ id, subject: '', version: 0, schema: FOREIGN });
    };
    const foreign = (from: number, count: number) =>
      Array.from({ length: count }, (_, index) => written(from + index, readingType, reading));
    await serde.learn(foreign(1_000, 1_500));
    expect(registry.asked).toBe(1_500);
    await serde.learn(foreign(1_500, 1_000));
    expect(registry.asked).toBe(1_500);
    await serde.learn(foreign(1_499, 1));
    expect(registry.asked).toBe(1_501);
    expect(serde.decode(serde.encode(reading))).toMatchObject({ ok: true });
  });
});
