import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { seededRandom, type SeededRandom } from '../../../src/core/random.ts';
import type { OutgoingRecord } from '../../../src/log/log.ts';
import { unpacked } from '../../../src/log/packed-reader.ts';
import { RecordPacker } from '../../../src/log/record-packer.ts';
import { RECORD_BYTES_MAX } from '../../../src/log/record-size.ts';

const KEYS = ['', 'JFK', 'Zürich', '\u0000watermark', '東京', 'x'.repeat(200), 'ü'.repeat(9_000)];
/** Around each length at which a record is laid out differently. */
const SIZES = [0, 1, 126, 127, 16_381, 16_382, 16_383, 70_000, 600_000, 2_200_000];

const digest = (bytes: Buffer | null): string | null =>
  bytes && createHash('sha256').update(bytes).digest('hex');

/** What a record says, as text: true after its memory is used again, and quick to compare. */
const said = ({ topic, partition, key, value, headers = {} }: OutgoingRecord): string =>
  JSON.stringify([topic, partition, digest(key), digest(value), headers]);

const unpackedFrom = (packer: RecordPacker): OutgoingRecord[] =>
  packer.partitions.flatMap((packed) => [...unpacked(packed)]);

const someRecord = (random: SeededRandom, topic: string, partition: number): OutgoingRecord => {
  const key = KEYS[random.int(KEYS.length)] ?? '';
  const large = random.int(8) === 0;
  const size = large ? (SIZES[random.int(SIZES.length)] ?? 0) : random.int(300);
  const headers: Record<string, string> = random.int(3) === 0 ? { source: 'raw:0:1', ü: key } : {};
  return {
    ...{ topic, partition, headers },
    key: random.int(9) === 0 ? null : Buffer.from(key),
    value: random.int(9) === 0 ? null : Buffer.alloc(size, random.int(256)),
  };
};

describe('a record packer', () => {
  it('gives back every record as it was added, batch after batch in the same memory', () => {
    const random = seededRandom('packer');
    const packer = new RecordPacker();
    for (let batch = 0; batch < 12; batch += 1) {
      packer.clear();
      const records = Array.from({ length: 60 }, () => someRecord(random, 'a', 0));
      for (const record of records) packer.add(record);
      expect(packer.count).toBe(60);
      expect(unpackedFrom(packer).map(said)).toEqual(records.map(said));
    }
  });

  it('writes a value where it is to lie, whatever its length and key', () => {
    const packer = new RecordPacker();
    const prefix = Buffer.from('windows@1/0/');
    const sizes = [...SIZES, ...SIZES];
    for (const [index, size] of sizes.entries()) {
      const packed = packer.of('a', 1);
      const key = KEYS[index % KEYS.length] ?? '';
      const sink = packed.begin(key, index % 2 === 0 ? prefix : undefined);
      // In pieces, as encoders write.
      for (let at = 0; at < size; at += 1_000) {
        const piece = Math.min(1_000, size - at);
        sink.reserve(piece);
        sink.bytes.fill(index, sink.position, sink.position + piece);
        sink.position += piece;
      }
      packed.end({ index: String(index) });
    }
    packer.of('a', 1).addTombstone('gone', prefix);
    const records = unpackedFrom(packer);
    expect(records.pop()).toMatchObject({ key: Buffer.from('windows@1/0/gone'), value: null });
    const expected = sizes.map((size, index) => ({
      ...{ topic: 'a', partition: 1, headers: { index: String(index) } },
      key: Buffer.from(`${index % 2 === 0 ? 'windows@1/0/' : ''}${KEYS[index % KEYS.length]}`),
      value: Buffer.alloc(size, index),
    }));
    expect(records.map(said)).toEqual(expected.map(said));
  });

  it('forgets a record that was begun and not ended', () => {
    const packer = new RecordPacker();
    const packed = packer.of('a', 0);
    packed.add({ key: null, value: Buffer.from('before') });
    const sink = packed.begin('half');
    sink.reserve(600_000);
    sink.position += 3;
    packed.add({ key: null, value: Buffer.from('after') });
    packed.begin('half again');
    expect(unpackedFrom(packer).map(({ value }) => String(value))).toEqual(['before', 'after']);
  });

  it('refuses a record that is too large, and keeps its neighbours', () => {
    const packer = new RecordPacker();
    packer.add({ topic: 'a', partition: 3, key: null, value: Buffer.from('before') });
    const value = Buffer.alloc(RECORD_BYTES_MAX);
    packer.add({ topic: 'a', partition: 3, key: null, value });
    expect(() => {
      packer.add({ topic: 'a', partition: 3, key: Buffer.from('k'), value });
    }).toThrow(/a record for a\/3 has 8388609 bytes, the limit is 8388608/u);
    expect(() => {
      packer.add({ topic: 'a', partition: 3, key: null, value, headers: { h: '' } });
    }).toThrow(expect.objectContaining({ code: 'LOG_RECORD_TOO_LARGE' }));
    packer.add({ topic: 'a', partition: 3, key: null, value: Buffer.from('after') });
    expect(unpackedFrom(packer).map((record) => record.value?.length)).toEqual([
      6,
      value.length,
      5,
    ]);
  });

  it('lists partitions with records alone, in the order in which they were met', () => {
    const packer = new RecordPacker();
    for (const partition of [2, 0, 1])
      packer.add({ topic: 'a', partition, key: null, value: null });
    packer.clear();
    for (const partition of [1, 2]) packer.add({ topic: 'a', partition, key: null, value: null });
    expect(packer.partitions.map(({ partition, count }) => [partition, count])).toEqual([
      [2, 1],
      [1, 1],
    ]);
  });
});
