import { describe, expect, it } from 'vitest';
import type { LogRecord } from '../../../src/log/log.ts';
import { offset } from '../../../src/log/offset.ts';
import {
  isWatermark,
  parseWatermark,
  sourceSet,
  watermarkRecord,
  WatermarkVector,
  type Watermark,
} from '../../../src/streams/watermarks.ts';

const members = (count: number): { topic: string; partition: number }[] =>
  Array.from({ length: count }, (_, partition) => ({ topic: 'raw', partition }));
const TWO = sourceSet(1, members(2));

const said = (partition: number, watermark: number, rest: Partial<Watermark> = {}): Watermark => ({
  topic: 'raw',
  partition,
  watermark,
  idle: false,
  sources: TWO,
  ...rest,
});

const vectorOf = (...all: readonly Watermark[]): WatermarkVector => {
  const vector = new WatermarkVector();
  for (const one of all) vector.observe(one);
  return vector;
};

describe('a watermark vector', () => {
  it('knows nothing before every member has spoken', () => {
    expect(vectorOf().least).toBe(-Infinity);
    expect(vectorOf(said(0, 10)).least).toBe(-Infinity);
    expect(vectorOf(said(0, 10), said(1, 7)).least).toBe(7);
  });

  it('is the least of those that are not idle', () => {
    expect(vectorOf(said(0, 10), said(1, 7, { idle: true })).least).toBe(10);
  });

  it('waits for each to speak once the first wakes after all were idle', () => {
    const vector = vectorOf(said(0, 10, { idle: true }), said(1, 7, { idle: true }));
    vector.observe(said(0, 90));
    expect(vector.least).toBe(10);
    const restored = new WatermarkVector();
    restored.restore(vector.toRecord());
    expect(restored.least).toBe(10);
    restored.observe(said(0, 95));
    expect(restored.least).toBe(10);
    restored.observe(said(1, 7, { idle: true }));
    expect(restored.least).toBe(95);
    vector.observe(said(1, 50));
    expect(vector.least).toBe(50);
  });

  it('is the greatest reached when all are idle', () => {
    const idle = { idle: true };
    expect(vectorOf(said(0, 10, idle), said(1, 7, idle)).least).toBe(10);
  });

  it('never falls: not by one that goes back, one that wakes, or a new member', () => {
    const vector = vectorOf(said(0, 10), said(1, 20, { idle: true }));
    vector.observe(said(0, 3));
    expect(vector.least).toBe(10);
    expect(vector.get('raw', 0)?.watermark).toBe(10);
    vector.observe(said(0, 30, { idle: true }));
    expect(vector.least).toBe(30);
    vector.observe(said(1, 21));
    expect(vector.least).toBe(30);
    vector.observe(said(0, 40, { sources: sourceSet(2, members(3)) }));
    expect(vector.least).toBe(30);
  });

  it('lets a member go by a new set alone, and takes no older set back', () => {
    const one = sourceSet(2, members(1));
    const vector = vectorOf(said(0, 10), said(1, 5));
    vector.observe(said(0, 50, { sources: one }));
    expect(vector.least).toBe(50);
    vector.observe(said(1, 6));
    vector.observe(said(0, 60, { sources: one }));
    expect(vector.least).toBe(60);
  });

  it('comes back from its record, and from a batch that failed', () => {
    const vector = vectorOf(said(0, 10), said(1, 7), said(0, -Infinity, { partition: 5 }));
    const saved = vector.toRecord();
    const restored = new WatermarkVector();
    restored.restore(JSON.parse(JSON.stringify(saved)) as typeof saved);
    expect(restored.toRecord()).toEqual(saved);
    expect(restored.least).toBe(7);
    vector.committed();
    vector.observe(said(1, 9));
    vector.observe(said(0, 20, { sources: sourceSet(3, members(1)) }));
    expect(vector.least).toBe(20);
    vector.rollback();
    expect(vector.toRecord()).toEqual(saved);
    expect(vector.least).toBe(7);
  });
});

describe('a watermark record', () => {
  const record = (change: Partial<LogRecord> = {}): LogRecord => {
    const {
      topic,
      partition,
      key,
      value,
      headers = {},
    } = watermarkRecord({ topic: 'observations', partition: 3 }, said(1, 1_000, { topic: 'a:b' }));
    return { topic, partition, key, value, headers, offset: offset(0), appendedAtMs: 0, ...change };
  };

  it('says again what was said, before anything was, too', () => {
    expect(isWatermark(record())).toBe(true);
    expect(parseWatermark(record())).toEqual(said(1, 1_000, { topic: 'a:b' }));
    const { headers = {} } = watermarkRecord({ topic: 'o', partition: 0 }, said(0, -Infinity));
    expect(isWatermark(record({ headers }))).toBe(true);
    expect(parseWatermark(record({ headers })).watermark).toBe(-Infinity);
  });

  it.each([
    ['a value', { value: Buffer.from('x') }],
    ['no key', { key: null }],
    ['another key', { key: Buffer.from('watermark:raw:1') }],
    ['a key without a partition', { key: Buffer.from('\u0000watermark:raw') }],
    ['no headers', { headers: {} }],
    ['no number', { headers: { ...record().headers, watermark: 'soon' } }],
    ['an endless one', { headers: { ...record().headers, watermark: 'Infinity' } }],
    ['no source set', { headers: { ...record().headers, sources: 'raw' } }],
  ])('is not what has %s', (_, change) => {
    expect(isWatermark(record(change))).toBe(false);
  });
});
