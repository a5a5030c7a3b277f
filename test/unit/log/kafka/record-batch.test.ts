import fc from 'fast-check';
import recordBatches from 'kafkajs/src/protocol/recordBatch/v0/index.js';
import kafkajsRecord from 'kafkajs/src/protocol/recordBatch/record/v0/index.js';
import { describe, expect, it } from 'vitest';
import type { OutgoingRecord } from '../../../../src/log/log.ts';
import { FIRST_OFFSET, offset } from '../../../../src/log/offset.ts';
import { committedRecords } from '../../../../src/log/kafka/committed-records.ts';
import { BatchMemory } from '../../../../src/log/kafka/batch-memory.ts';
import { packedBatches } from '../../../../src/log/kafka/packed-batches.ts';
import { PartitionPacker } from '../../../../src/log/partition-packer.ts';
import {
  BATCH,
  sealed,
  putInt64,
  int64At,
  type BatchOrigin,
} from '../../../../src/log/kafka/record-batch.ts';
import { recordBatch } from '../../../support/record-batch.ts';
import { putSigned, signedBytes, SignedReader } from '../../../../src/log/kafka/zigzag.ts';

const bytes = fc
  .option(fc.uint8Array({ maxLength: 300 }), { nil: null })
  .map((value) => (value === null ? null : Buffer.from(value)));

const record: fc.Arbitrary<OutgoingRecord> = fc.record({
  topic: fc.constant('t'),
  partition: fc.constant(0),
  key: bytes,
  value: bytes,
  // As a plain object has them in any order of numbers, names are none.
  headers: fc.dictionary(
    fc.string({ unit: 'binary', maxLength: 20 }).map((name) => `h${name}`),
    fc.string({ unit: 'binary', maxLength: 90 }),
    { maxKeys: 4, noNullPrototype: true },
  ),
});

const records = fc.array(record, { minLength: 1, maxLength: 40 });

const origin = fc.record({
  producerId: fc.nat({ max: 2 ** 31 - 1 }),
  producerEpoch: fc.nat({ max: 32_767 }),
  baseSequence: fc.nat({ max: 2 ** 31 - 1 }),
  timestampMs: fc.nat({ max: 4_000_000_000_000 }),
});

describe('a record batch', () => {
  it('is what the library itself writes, byte for byte', async () => {
    await fc.assert(
      fc.asyncProperty(records, origin, async (all, from) => {
        const { bytes: expected } = await expectedBatch(all, from);
        expect(recordBatch(all, from)).toEqual(expected);
      }),
      { numRuns: 200 },
    );
  });

  it('is the same wherever a partition is cut into several', async () => {
    const limits = fc.record({
      bytes: fc.integer({ min: 200, max: 4_000 }),
      records: fc.integer({ min: 1, max: 20 }),
    });
    // Whatever was written there before.
    const memory = new BatchMemory();
    await fc.assert(
      fc.asyncProperty(records, origin, limits, async (all, from, cutAt) => {
        const packer = new PartitionPacker('t', 0);
        for (const one of all) packer.add(one);
        const borrowed = memory.borrow();
        let next = 0;
        for (const batch of packedBatches(packer, cutAt, borrowed.lend)) {
          const expected = await expectedBatch(all.slice(next, next + batch.count), from);
          expect(sealed(batch, from)).toEqual(expected.bytes);
          expect(batch.count).toBeLessThanOrEqual(cutAt.records);
          if (batch.count > 1) expect(batch.bytes.length).toBeLessThanOrEqual(cutAt.bytes);
          next += batch.count;
        }
        expect(next).toBe(all.length);
        borrowed.giveBack();
      }),
      { numRuns: 200 },
    );
  });

  it('is read back as it was written, from any offset on', () => {
    fc.assert(
      fc.property(records, origin, fc.nat({ max: 50 }), (all, from, skipped) => {
        const batch = recordBatch(all, from);
        putInt64(batch, BATCH.baseOffset, 1_000);
        const fetched = { topic: 't', partition: 3, records: batch, aborted: [] };
        const read = committedRecords(fetched, offset(1_000 + skipped));
        expect(read.records).toEqual(
          all
            .map(({ key, value, headers }, index) => ({
              ...{ topic: 't', partition: 3, offset: 1_000 + index },
              appendedAtMs: from.timestampMs,
              ...{ key, value, headers },
            }))
            .slice(skipped),
        );
        expect(read.next).toBe(1_000 + Math.max(all.length, skipped));
      }),
    );
  });

  it('that is cut off is left for the next fetch, and one that was changed is refused', () => {
    const one = { topic: 't', partition: 0, key: null, value: Buffer.from('value') };
    const batch = recordBatch([one], {
      ...{ producerId: 1, producerEpoch: 0, baseSequence: 0 },
      timestampMs: 5,
    });
    const fetched = { topic: 't', partition: 0, aborted: [] };
    const cut = Buffer.concat([batch, batch.subarray(0, 40)]);
    expect(committedRecords({ ...fetched, records: cut }, FIRST_OFFSET).records).toHaveLength(1);
    const changed = Buffer.from(batch);
    changed[changed.length - 2] = 0;
    expect(() => committedRecords({ ...fetched, records: changed }, FIRST_OFFSET)).toThrow(
      't/0 at offset 0 has a checksum that fails',
    );
  });
});

/** As the library writes it, with its own Long for numbers of 64 bits. */
const expectedBatch = async (
  all: readonly OutgoingRecord[],
  { producerId, producerEpoch, baseSequence, timestampMs }: BatchOrigin,
): Promise<{ readonly bytes: Buffer }> => {
  const batch = await recordBatches.RecordBatch({
    records: all.map(({ key, value, headers }, offsetDelta) =>
      kafkajsRecord({ offsetDelta, timestampDelta: 0, key, value, headers }),
    ),
    firstTimestamp: timestampMs,
    maxTimestamp: timestampMs,
    ...{ producerId, producerEpoch, firstSequence: baseSequence },
    transactional: true,
    lastOffsetDelta: all.length - 1,
  });
  return { bytes: Buffer.from(batch.buffer) };
};

describe('numbers on the wire', () => {
  it('of 32 bits with a sign come back, and have the length that was said', () => {
    fc.assert(
      fc.property(fc.integer(), (value) => {
        const to = Buffer.alloc(5);
        expect(putSigned(to, 0, value)).toBe(signedBytes(value));
        expect(new SignedReader(to, 0).take()).toBe(value);
        expect(new SignedReader(to, 0).takeWide()).toBe(value);
      }),
    );
  });

  it('of 64 bits come back as far as a double is exact', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), (value) => {
        const to = Buffer.alloc(8);
        putInt64(to, 0, value);
        expect(to.readBigInt64BE()).toBe(BigInt(value));
        expect(int64At(to, 0)).toBe(value);
      }),
    );
  });
});
