import { gzipSync } from 'node:zlib';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32c } from '@node-rs/crc32';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { offset } from '../../../../src/log/offset.ts';
import { committedRecords } from '../../../../src/log/kafka/committed-records.ts';
import { decompressed } from '../../../../src/log/kafka/compression/decompressed.ts';
import {
  ATTRIBUTE,
  BATCH,
  LENGTH_ENDS_AT,
  putInt64,
} from '../../../../src/log/kafka/record-batch.ts';
import { recordBatch } from '../../../support/record-batch.ts';
import { ROOT } from '../../../support/repository.ts';

const GZIP = 1;
const SNAPPY = 2;
const LZ4 = 3;
const ZSTD = 4;
const MEBIBYTE = 1 << 20;

/** As `test/oracles/compressed_batches.py` has it, byte for byte. */
const content = (): Buffer => {
  const lines = Array.from(
    { length: 2_000 },
    (_, i) => `{"series":"s${i % 7}","time":${(i % 168) * 3_600_000},"value":${(i * 31) % 97}}\n`,
  );
  const noise = Buffer.alloc(600);
  let state = 1n;
  for (let at = 0; at < noise.length; at += 1) {
    state = (state * 1_103_515_245n + 12_345n) % 2n ** 31n;
    noise[at] = Number((state >> 16n) & 0xffn);
  }
  return Buffer.concat([Buffer.from(lines.join('')), noise, Buffer.alloc(100_000)]);
};

interface Frames {
  readonly name: string;
  readonly codec: number;
  readonly bytes: string;
}

const FRAMES = JSON.parse(
  readFileSync(join(ROOT, 'test/fixtures/compression/frames.json'), 'utf8'),
) as readonly Frames[]; // As the script writes it.

const CONTENT = content();

const read = (codec: number, bytes: Buffer, limitBytes?: number): Buffer =>
  decompressed({ codec, bytes, where: 't/0 at offset 7' }, limitBytes);

/** A frame of Zstandard whose blocks each are one byte, 2 MiB times: 4 bytes for 2,097,151. */
const zstdBomb = (blocks: number): Buffer => {
  const head = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0, 0x58]);
  const block = (isLast: boolean): Buffer => {
    const bytes = Buffer.alloc(4, 0x41);
    bytes.writeUIntLE(((2 ** 21 - 1) << 3) | (1 << 1) | Number(isLast), 0, 3);
    return bytes;
  };
  return Buffer.concat([
    head,
    ...Array.from({ length: blocks }, (_, at) => block(at === blocks - 1)),
  ]);
};

/** One literal, then matches with the byte before them, 65 kB each 256 bytes. */
const lz4Bomb = (bytes: number): Buffer => {
  const block = Buffer.concat([
    Buffer.from([0x1f, 0x41, 1, 0]),
    Buffer.alloc(Math.ceil(bytes / 255), 0xff),
    Buffer.from([0, 0x10, 0x41]),
  ]);
  const size = Buffer.alloc(4);
  size.writeUInt32LE(block.length);
  return Buffer.concat([
    Buffer.from([4, 0x22, 0x4d, 0x18, 0x60, 0x70, 0]),
    size,
    block,
    Buffer.alloc(4),
  ]);
};

/** Copies of 64 bytes. */
const snappyBomb = (copies: number): Buffer =>
  Buffer.concat([
    Buffer.from([0xff, 0xff, 0xff, 0xff, 0x0f, 0, 0x41]),
    ...Array.from({ length: copies }, () => Buffer.from([0xfe, 1, 0])),
  ]);

/** A frame that claims a size, and has one byte. */
const claiming = (bytes: bigint): Buffer => {
  const frame = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0xe0, ...Buffer.alloc(8), 9, 0, 0, 0x41]);
  frame.writeBigUInt64LE(bytes, 5);
  return frame;
};

describe('what a batch was compressed to', () => {
  it.each(FRAMES)('comes back: $name', ({ codec, bytes }) => {
    const found = read(codec, Buffer.from(bytes, 'base64'));
    expect(found.length).toBe(CONTENT.length);
    expect(found.equals(CONTENT)).toBe(true);
  });

  it('comes back from gzip, and is nothing where nothing was put in', () => {
    expect(read(GZIP, gzipSync(CONTENT)).equals(CONTENT)).toBe(true);
    expect(read(SNAPPY, Buffer.from([0]))).toHaveLength(0);
    expect(read(ZSTD, Buffer.from('28b52ffd2000010000', 'hex'))).toHaveLength(0);
    expect(read(LZ4, Buffer.from('04224d1860408200000000', 'hex'))).toHaveLength(0);
  });

  it.each([
    { name: 'gzip', codec: GZIP, bytes: gzipSync(Buffer.alloc(2 * MEBIBYTE)) },
    { name: 'snappy', codec: SNAPPY, bytes: snappyBomb(20_000) },
    { name: 'lz4', codec: LZ4, bytes: lz4Bomb(2 * MEBIBYTE) },
    { name: 'zstd', codec: ZSTD, bytes: zstdBomb(1_000) },
    { name: 'zstd that claims its size', codec: ZSTD, bytes: claiming(2n ** 40n) },
  ])('never fills the memory: $name', ({ codec, bytes }) => {
    expect(() => read(codec, bytes, MEBIBYTE)).toThrow(
      expect.objectContaining({
        code: 'LOG_BATCH_TOO_LARGE',
        message: expect.stringContaining(
          `t/0 at offset 7 is a batch of ${bytes.length} bytes that holds more than 1048576`,
        ) as string,
      }),
    );
  });

  it('is refused by name where its codec is unknown', () => {
    expect(() => read(5, CONTENT)).toThrow(
      expect.objectContaining({
        code: 'LOG_CODEC_UNKNOWN',
        message:
          't/0 at offset 7 is compressed by codec 5, which is unknown here: let its producer use ' +
          'gzip, snappy, lz4, zstd or none',
      }),
    );
  });

  it.each(FRAMES)('is refused where its last byte is missing: $name', ({ codec, bytes }) => {
    const whole = Buffer.from(bytes, 'base64');
    expect(() => read(codec, whole.subarray(0, -1))).toThrow(
      expect.objectContaining({ code: 'LOG_CORRUPT' }),
    );
  });

  it.each([-1, 1, 1_000])('is refused where it is %i bytes off what it says', (off) => {
    const known = FRAMES.find(({ name }) => name === 'zstd, size known');
    const bytes = Buffer.from(known?.bytes ?? '', 'base64');
    bytes.writeUInt32LE(CONTENT.length + off, 5);
    expect(() => read(ZSTD, bytes)).toThrow(
      expect.objectContaining({
        code: 'LOG_CORRUPT',
        message: expect.stringContaining(`not the ${CONTENT.length + off} bytes it says`) as string,
      }),
    );
  });

  it('is refused as damaged wherever it is cut, and changed bytes do no harm', () => {
    const damaged = fc.record({
      frame: fc.constantFrom(...FRAMES),
      cutAt: fc.double({ min: 0, max: 0.999, noNaN: true }),
      flip: fc.option(fc.record({ at: fc.double({ min: 0, max: 0.999, noNaN: true }) })),
    });
    let refused = 0;
    fc.assert(
      fc.property(damaged, ({ frame, cutAt, flip }) => {
        const bytes = Buffer.from(frame.bytes, 'base64');
        if (flip !== null) {
          const at = Math.floor(flip.at * bytes.length);
          bytes[at] = (bytes[at] ?? 0) ^ 0x55;
        }
        const end = flip === null ? 1 + Math.floor(cutAt * (bytes.length - 1)) : bytes.length;
        try {
          const found = read(frame.codec, bytes.subarray(0, end), MEBIBYTE);
          if (flip === null) expect(found.length).toBeLessThan(CONTENT.length);
        } catch (error) {
          refused += 1;
          expect(error).toMatchObject({
            code: expect.stringMatching(/^LOG_(CORRUPT|BATCH_TOO_LARGE)$/) as string,
          });
        }
      }),
      { numRuns: 300 },
    );
    expect(refused).toBeGreaterThan(100);
  });
});

describe('a fetch of compressed batches', () => {
  const BLOCK = Buffer.alloc(5 << 20);
  const EACH = 4;

  /** A batch of large records, compressed as a producer would. */
  const compressedAt = (at: number): Buffer => {
    const record = { topic: 't', partition: 0, key: null, value: BLOCK };
    const origin = { producerId: 1, producerEpoch: 0, baseSequence: 0, timestampMs: 5 };
    const plain = recordBatch(
      Array.from({ length: EACH }, () => record),
      origin,
    );
    const batch = Buffer.concat([
      plain.subarray(0, BATCH.records),
      gzipSync(plain.subarray(BATCH.records)),
    ]);
    putInt64(batch, BATCH.baseOffset, at);
    batch.writeInt32BE(batch.length - LENGTH_ENDS_AT, BATCH.length);
    batch.writeInt16BE(ATTRIBUTE.transactional | GZIP, BATCH.attributes);
    batch.writeUInt32BE(crc32c(batch.subarray(BATCH.attributes)), BATCH.crc);
    return batch;
  };

  it('is taken in parts, so that many small batches do not fill the memory either', () => {
    const records = Buffer.concat([8, 12, 16, 20, 24].map(compressedAt));
    const fetched = { topic: 't', partition: 0, records, aborted: [] };
    const offsets = [8, 16].map((from) => {
      const { records: taken, next } = committedRecords(fetched, offset(from));
      return { first: Number(taken[0]?.offset), count: taken.length, next: Number(next) };
    });
    expect(offsets).toEqual([
      { first: 8, count: 2 * EACH, next: 16 },
      { first: 16, count: 2 * EACH, next: 24 },
    ]);
  });
});
