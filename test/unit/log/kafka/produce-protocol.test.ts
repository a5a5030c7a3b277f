import fc from 'fast-check';
import Encoder from 'kafkajs/src/protocol/encoder.js';
import { describe, expect, it } from 'vitest';
import { producePieces, type PartitionBatch } from '../../../../src/log/kafka/produce-protocol.ts';

const ROOM = 24;

/** The same, by the library's own encoder. */
const bodyOf = (
  transactionalId: string,
  batches: readonly PartitionBatch[],
  timeoutMs: number,
): Buffer => {
  const topics = [...new Set(batches.map(({ topic }) => topic))];
  const encoder = new Encoder().writeString(transactionalId).writeInt16(-1);
  encoder.writeInt32(timeoutMs);
  encoder.writeInt32(topics.length);
  for (const topic of topics) {
    const own = batches.filter((one) => one.topic === topic);
    encoder.writeString(topic).writeInt32(own.length);
    for (const { partition, batch } of own) encoder.writeInt32(partition).writeBytes(batch);
  }
  return encoder.buffer;
};

const batches = fc.array(
  fc
    .record({
      topic: fc.constantFrom('a', 'departures.scores', 'Zürich'),
      partition: fc.nat(100),
      bytes: fc.oneof(fc.nat(200), fc.integer({ min: 8_100, max: 8_300 }), fc.constant(70_000)),
    })
    .map(({ bytes, ...place }) => ({ ...place, batch: Buffer.alloc(bytes, bytes % 251) })),
  { minLength: 1, maxLength: 8 },
);

describe('a produce request', () => {
  it('is what the library writes, in pieces that leave room for its head', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), batches, (transactionalId, all) => {
        const transactionTimeoutMs = 3_000;
        const pieces = producePieces({ transactionalId, transactionTimeoutMs, batches: all }, ROOM);
        const whole = Buffer.concat(pieces);
        expect(
          whole.subarray(ROOM).equals(bodyOf(transactionalId, all, transactionTimeoutMs)),
        ).toBe(true);
        const isLarge = all.filter(({ batch }) => batch.length > 10_000);
        for (const { batch } of isLarge) expect(pieces.includes(batch)).toBe(true);
      }),
    );
  });

  it.each([
    ['its transaction', 3_000, 3_000],
    ['any that is well takes', 60_000, 10_000],
  ])('waits for replicas no longer than %s', (_, transactionTimeoutMs, timeoutMs) => {
    const batch = { topic: 't', partition: 0, batch: Buffer.alloc(1) };
    const request = { transactionalId: 'x', transactionTimeoutMs, batches: [batch] };
    const whole = Buffer.concat(producePieces(request, 0));
    expect(whole.equals(bodyOf('x', [batch], timeoutMs))).toBe(true);
  });
});
