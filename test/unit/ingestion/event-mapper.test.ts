import avsc from 'avsc';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { eventMapper, type EventSource } from '../../../src/ingestion/event-mapper.ts';
import type { MappedEvent } from '../../../src/schemas/mapped-event.ts';
import { plainReader } from '../../../src/schemas/plain-value.ts';

const APPENDED = Date.UTC(2001, 5, 1);
const LIMITS = { seriesIdBytesMax: 20, attributeBytesMax: 8, maxAheadMs: 86_400_000 };

const SOURCE: EventSource = {
  series: 'store.id',
  time: 'at',
  value: 'amount',
  id: undefined,
  timeZone: 'UTC',
  attributes: {},
};

const map = (value: Buffer | string | null, source: Partial<EventSource> = {}): MappedEvent =>
  eventMapper(
    { ...SOURCE, ...source },
    LIMITS,
  )({
    value: typeof value === 'string' ? Buffer.from(value) : value,
    appendedAtMs: APPENDED,
  });

const event = (changes: object = {}): string =>
  JSON.stringify({ store: { id: 'a' }, at: '2001-01-01T00:01:00Z', amount: 2.5, ...changes });

const LOCAL = { type: 'long', logicalType: 'local-timestamp-millis' };
const INSTANT = { type: 'long', logicalType: 'timestamp-millis' };

describe('eventMapper', () => {
  it('reads series, time and value by their paths', () => {
    expect(map(event())).toEqual({
      ok: true,
      seriesId: 'a',
      eventTimeMs: Date.UTC(2001, 0, 1, 0, 1),
      value: 2.5,
      attributes: {},
    });
  });

  it.each([
    ['a number as series', { store: { id: 7 } }, { seriesId: '7' }],
    ['a fraction as series', { store: { id: 1.5 } }, { seriesId: '1.5' }],
    ['a series as a file spells it', { store: { id: '1.50' } }, { seriesId: '1.50' }],
    ['a series of another script', { store: { id: 'Łódź' } }, { seriesId: 'Łódź' }],
    ['epoch milliseconds', { at: 978_307_260_000 }, { eventTimeMs: 978_307_260_000 }],
    ['a known gap', { amount: null }, { value: null }],
    ['zero', { amount: 0 }, { value: 0 }],
    ['a number that was written as text', { amount: '2.50' }, { value: 2.5 }],
    ['a number without its zero', { amount: '-.5' }, { value: -0.5 }],
    ['a number with spaces around it', { amount: ' 5 ' }, { value: 5 }],
    ['a time that a file kept as text', { at: '978307260000.0' }, { eventTimeMs: 978_307_260_000 }],
    ['a whole number that a file kept as text', { amount: '-1e20' }, { value: -1e20 }],
    [
      'one with more digits than a double',
      { amount: '12345678901234567' },
      { value: 12_345_678_901_234_568 },
    ],
    ['a time just within maxAhead', { at: APPENDED + 86_400_000 }, { ok: true }],
    ['the first instant of 1971', { at: '1971-01-01' }, { ok: true }],
  ])('accepts %s', (_what, changes, expected) => {
    expect(map(event(changes))).toMatchObject({ ok: true, ...expected });
  });

  it.each(['NA', 'n/a', '#N/A', 'NaN', 'NULL', 'None', '-', '', ' '])(
    'accepts %j as a known gap',
    (amount) => {
      expect(map(event({ amount }))).toMatchObject({ ok: true, value: null });
    },
  );

  it.each([
    ['VALUE_EMPTY', null],
    ['VALUE_EMPTY', ''],
    ['VALUE_NOT_JSON', '{"a":'],
    ['VALUE_NOT_JSON', '{"amount": NaN}'],
    ['VALUE_NOT_JSON', Buffer.from([0, 0, 0, 0, 1, 2])],
    ['VALUE_NOT_AN_OBJECT', '[1]'],
    ['VALUE_NOT_AN_OBJECT', '"text"'],
    ['VALUE_NOT_AN_OBJECT', 'null'],
    ['SERIES_MISSING', '{}'],
    ['SERIES_MISSING', '{"ok": false, "reason": "MINE"}'],
    ['SERIES_MISSING', event({ store: { id: '' } })],
    ['SERIES_MISSING', event({ store: { id: null } })],
    ['SERIES_MISSING', event({ store: 'a' })],
    ['SERIES_INVALID', event({ store: { id: true } })],
    ['SERIES_INVALID', event({ store: { id: 'X' } }).replace('"X"', '1e999')],
    ['SERIES_INVALID', event({ store: { id: { a: 1 } } })],
    ['SERIES_INVALID', event({ store: { id: 2 ** 53 } })],
    ['SERIES_INVALID', event({ store: { id: '\u0000watermark:t:0' } })],
    ['SERIES_INVALID', event({ store: { id: '\ud800' } })],
    ['SERIES_INVALID', Buffer.from('{"store":{"id":"\u00ff"}}', 'latin1')],
    ['SERIES_TOO_LONG', event({ store: { id: 'x'.repeat(21) } })],
    ['SERIES_TOO_LONG', event({ store: { id: 'Ł'.repeat(11) } })],
    ['TIME_MISSING', event({ at: undefined })],
    ['TIME_MISSING', event({ at: '' })],
    ['TIME_INVALID', event({ at: 'yesterday' })],
    ['TIME_INVALID', event({ at: 1.5 })],
    ['TIME_INVALID', event({ at: true })],
    ['TIME_INVALID', event({ at: '2001-02-30T00:00:00Z' })],
    ['TIME_OUT_OF_RANGE', event({ at: '1970-12-31T23:59:59Z' })],
    ['TIME_OUT_OF_RANGE', event({ at: 978_307_200 })],
    ['TIME_OUT_OF_RANGE', event({ at: -Number.MAX_SAFE_INTEGER })],
    ['TIME_AHEAD', event({ at: APPENDED + 86_400_001 })],
    ['TIME_AHEAD', event({ at: '2200-01-01T00:00:00Z' })],
    ['TIME_AHEAD', event({ at: Number.MAX_SAFE_INTEGER })],
    ['VALUE_MISSING', event({ amount: undefined })],
    ['VALUE_NOT_A_NUMBER', event({ amount: '1e400' })],
    ['VALUE_NOT_A_NUMBER', event({ amount: '012345678901234567' })],
    ['VALUE_OUT_OF_RANGE', event({ amount: '-1e308' })],
    ['VALUE_NOT_A_NUMBER', event({ amount: false })],
    ['VALUE_NOT_A_NUMBER', event({ amount: [1] })],
    ['VALUE_NOT_A_NUMBER', event().replace('2.5', '1e999')],
    ['VALUE_OUT_OF_RANGE', event({ amount: 1.7e308 })],
    ['VALUE_OUT_OF_RANGE', event({ amount: -1.1e150 })],
  ])('refuses as %s: %s', (reason, value) => {
    const mapped = map(value);
    expect(mapped).toMatchObject({ ok: false, reason });
    expect(mapped.ok ? '' : mapped.detail).not.toBe('');
  });

  it.each([
    ['digits are lost', event({ store: { id: 2 ** 53 } })],
    ['microseconds, not milliseconds?', event({ at: APPENDED * 1_000 })],
    ['seconds, not milliseconds?', event({ at: 978_307_200 })],
    ['`format: avro` reads Avro', Buffer.from([0, 0, 0, 0, 1, 2])],
  ])('says what may be wrong: %s', (said, value) => {
    expect(map(value)).toMatchObject({ detail: expect.stringContaining(said) as unknown });
  });

  it('does not read a value that the stream does not need', () => {
    expect(map(event({ amount: 'x' }), { value: undefined })).toMatchObject({ value: null });
  });

  it('reads stamps without a zone where the source says', () => {
    const source = { timeZone: 'America/New_York' };
    expect(map(event({ at: '2001-04-01T01:30:00' }), source)).toMatchObject({
      eventTimeMs: Date.UTC(2001, 3, 1, 6, 30),
    });
    expect(map(event({ at: '2001-04-01T03:30:00' }), source)).toMatchObject({
      eventTimeMs: Date.UTC(2001, 3, 1, 7, 30),
    });
  });

  it.each([
    [{ type: 'int', logicalType: 'date' }, 11_323, Date.UTC(2001, 0, 1, 5)],
    [LOCAL, Date.UTC(2001, 3, 1, 3, 30), Date.UTC(2001, 3, 1, 7, 30)],
    [INSTANT, Date.UTC(2001, 3, 1, 3, 30), Date.UTC(2001, 3, 1, 3, 30)],
  ])('reads the Avro type %j where the source says', (type, count, eventTimeMs) => {
    const fields = [
      { name: 'series', type: 'string' },
      { name: 'at', type },
    ];
    const schema = { type: 'record', name: 'Event', fields };
    const read = plainReader(JSON.stringify(schema));
    const source = { ...SOURCE, series: 'series', value: undefined, timeZone: 'America/New_York' };
    const mapper = eventMapper(source, LIMITS, (bytes) => ({
      ok: true,
      value: read({ bytes, position: 0 }),
    }));
    // avsc writes a logical type that it does not know as the type below.
    const value = avsc.Type.forSchema(schema as never).toBuffer({ series: 'a', at: count });
    expect(mapper({ value, appendedAtMs: APPENDED })).toMatchObject({ ok: true, eventTimeMs });
  });

  it('takes named fields as attributes and leaves out what is absent', () => {
    const source = { attributes: { region: 'store.region', open: 'open', zip: 'zip', gone: 'x' } };
    const value = event({ store: { id: 'a', region: 'N' }, open: true, zip: 7 });
    expect(map(value, source)).toMatchObject({
      ok: true,
      attributes: { region: 'N', open: 'true', zip: '7' },
    });
    expect(map(event({ zip: {} }), source)).toMatchObject({ reason: 'ATTRIBUTE_INVALID' });
    expect(map(event({ zip: 'x'.repeat(9) }), source)).toMatchObject({
      reason: 'ATTRIBUTE_TOO_LONG',
      detail: 'zip: 9 bytes, 8 are allowed',
    });
  });

  it('carries the id by which repetitions are known', () => {
    expect(map(event({ nr: 12 }), { id: 'nr' })).toMatchObject({ ok: true, id: '12' });
    expect(map(event(), { id: 'nr' })).toMatchObject({ ok: false, reason: 'ID_MISSING' });
  });

  it('reads a field whose own name has a dot, as columns of files may', () => {
    const value = JSON.stringify({ 'store.id': 'b', at: APPENDED, amount: 1 });
    expect(map(value)).toMatchObject({ ok: true, seriesId: 'b' });
  });
});

describe('for any input', () => {
  it('eventMapper never throws, and answers with an event or a reason (5,000 values)', () => {
    let accepted = 0;
    let refused = 0;
    const anyField = fc.oneof(fc.jsonValue(), fc.constant('2001-01-01'), fc.integer(), fc.double());
    const anyEvent = fc.record(
      { store: fc.record({ id: anyField }), at: anyField, amount: anyField },
      { requiredKeys: [] },
    );
    const anyValue = fc.oneof(
      { weight: 8, arbitrary: anyEvent.map((value) => Buffer.from(JSON.stringify(value))) },
      { weight: 1, arbitrary: fc.uint8Array().map((bytes) => Buffer.from(bytes)) },
      { weight: 1, arbitrary: fc.json().map((text) => Buffer.from(text)) },
    );
    fc.assert(
      fc.property(anyValue, (value) => {
        const mapped = map(value);
        if (mapped.ok) {
          accepted += 1;
          expect(mapped.seriesId).not.toBe('');
          expect(Number.isSafeInteger(mapped.eventTimeMs)).toBe(true);
          expect(mapped.value === null || Number.isFinite(mapped.value)).toBe(true);
        } else {
          refused += 1;
          expect(mapped.reason).toMatch(/^[A-Z]+(_[A-Z]+)+$/);
        }
      }),
      { numRuns: 5_000, seed: 7 },
    );
    expect(accepted).toBeGreaterThan(20);
    expect(refused).toBeGreaterThan(1_000);
  });
});
