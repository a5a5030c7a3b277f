import fc from 'fast-check';
import { crc32c } from '@node-rs/crc32';
import { describe, expect, it } from 'vitest';
import { FIRST_OFFSET, offset } from '../../../../src/log/offset.ts';
import {
  committedRecords,
  type AbortedTransaction,
} from '../../../../src/log/kafka/committed-records.ts';
import { ATTRIBUTE, BATCH, putInt64 } from '../../../../src/log/kafka/record-batch.ts';
import { recordBatch } from '../../../support/record-batch.ts';

const sealed = (batch: Buffer): Buffer => {
  batch.writeUInt32BE(crc32c(batch.subarray(BATCH.attributes)), BATCH.crc);
  return batch;
};

/** One record of a producer's transaction, as it lies in the log. */
const data = (at: number, producerId: number, key: Buffer | null = null): Buffer => {
  const record = { topic: 't', partition: 0, key, value: Buffer.from(String(at)) };
  const origin = { producerId, producerEpoch: 0, baseSequence: 0, timestampMs: 0 };
  const batch = recordBatch([record], origin);
  putInt64(batch, BATCH.baseOffset, at);
  return batch;
};

/** The marker that ends it. */
const marker = (at: number, producerId: number, isCommit: boolean): Buffer => {
  const batch = data(at, producerId, Buffer.from([0, 0, 0, isCommit ? 1 : 0]));
  batch.writeInt16BE(ATTRIBUTE.transactional | ATTRIBUTE.control, BATCH.attributes);
  return sealed(batch);
};

/** A batch of which compaction left nothing but its last offset. */
const emptied = (at: number, producerId: number): Buffer => {
  const batch = data(at, producerId).subarray(0, BATCH.records);
  const left = Buffer.from(batch);
  left.writeInt32BE(0, BATCH.count);
  left.writeInt32BE(left.length - BATCH.leaderEpoch, BATCH.length);
  return sealed(left);
};

const read = (batches: readonly Buffer[], aborted: readonly AbortedTransaction[] = []) => {
  const fetched = { topic: 't', partition: 0, records: Buffer.concat(batches), aborted };
  const { records, next } = committedRecords(fetched, FIRST_OFFSET);
  return { offsets: records.map((record) => record.offset), next };
};

const ZERO = Buffer.from([0, 0, 0, 0]);

describe('the committed records of a fetch', () => {
  it.each([
    {
      name: 'two transactions that were aborted, one within the other',
      aborted: [
        { producerId: 1, firstOffset: 5 },
        { producerId: 2, firstOffset: 6 },
      ],
      batches: [data(10, 2), data(11, 1), data(12, 2), marker(13, 1, false), marker(14, 2, false)],
      offsets: [],
    },
    {
      name: 'a data key that looks like a marker',
      aborted: [{ producerId: 1, firstOffset: 10 }],
      batches: [data(10, 1), data(11, 1, ZERO), data(12, 1), marker(13, 1, false)],
      offsets: [],
    },
    {
      name: 'a list that is not in order',
      aborted: [
        { producerId: 2, firstOffset: 50 },
        { producerId: 1, firstOffset: 10 },
      ],
      batches: [data(10, 1), data(11, 1), marker(12, 1, false)],
      offsets: [],
    },
    {
      name: 'transactions that begin before the fetch, and one that follows',
      aborted: [
        { producerId: 1, firstOffset: 4 },
        { producerId: 3, firstOffset: 5 },
        { producerId: 2, firstOffset: 6 },
      ],
      batches: [marker(10, 3, false), marker(11, 2, false), data(12, 2), data(13, 2)],
      offsets: [12, 13],
    },
  ])('are told apart: $name', ({ aborted, batches, offsets }) => {
    expect(read(batches, aborted).offsets).toEqual(offsets);
  });

  it('end where the last batch does, be it emptied or a marker', () => {
    expect(read([data(3, 1), marker(4, 1, true), emptied(7, 1)])).toEqual({
      offsets: [3],
      next: 8,
    });
    expect(read([])).toEqual({ offsets: [], next: 0 });
  });

  it('are those of all committed transactions, however they interleave', () => {
    const step = fc.record({
      producer: fc.nat({ max: 3 }),
      ends: fc.boolean(),
      commits: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), fc.nat({ max: 60 }), (steps, cutAt) => {
        const batches: Buffer[] = [];
        const aborted: Ended[] = [];
        const open = new Map<number, number[]>();
        const committed: number[] = [];
        for (const [at, { producer, ends, commits }] of steps.entries()) {
          const own = open.get(producer) ?? [];
          if (ends && own.length > 0) {
            batches.push(marker(at, producer, commits));
            if (commits) committed.push(...own);
            else aborted.push({ producerId: producer, firstOffset: own[0] ?? 0, markerAt: at });
            open.delete(producer);
          } else {
            batches.push(data(at, producer));
            open.set(producer, [...own, at]);
          }
        }
        // Up to the stable end, as a broker answers; and cut anywhere, as fetches are.
        const stableEnd = Math.min(steps.length, ...[...open.values()].map(([at]) => at ?? 0));
        const cut = Math.min(cutAt, stableEnd);
        const found = [
          [0, cut],
          [cut, stableEnd],
        ].flatMap(([from = 0, to = 0]) => {
          const records = Buffer.concat(batches.slice(from, to));
          const fetched = { topic: 't', partition: 0, records, aborted: within(aborted, from, to) };
          return committedRecords(fetched, offset(from)).records.map((record) => record.offset);
        });
        const expected = committed.filter((at) => at < stableEnd).sort((a, b) => a - b);
        expect(found).toEqual(expected);
      }),
    );
  });
});

interface Ended extends AbortedTransaction {
  readonly markerAt: number;
}

/** A broker names every aborted transaction that has a part in what it answers. */
const within = (aborted: readonly Ended[], from: number, to: number) =>
  aborted.filter(({ firstOffset, markerAt }) => firstOffset < to && markerAt >= from);
