import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { KafkaReader, type ReaderParts } from '../../../../src/log/kafka/kafka-reader.ts';
import { FIRST_OFFSET } from '../../../../src/log/offset.ts';
import { recordBatch } from '../../../support/record-batch.ts';

/** What a reader asks of a log whose records come by its tails. */
const parts = {
  cluster: { refuseClosed: () => undefined },
  tails: { isWatching: () => true },
} as unknown as ReaderParts;

const answerOf = (values: readonly string[]) => {
  const records = values.map((value) => ({ topic: 't', partition: 0, key: null, value }));
  const origin = { producerId: 1, producerEpoch: 0, baseSequence: 0, timestampMs: 0 };
  return {
    ...{ topic: 't', partition: 0, errorCode: 0, stableEnd: values.length, aborted: [] },
    records: recordBatch(
      records.map((one) => ({ ...one, value: Buffer.from(one.value) })),
      origin,
    ),
  };
};

/** Collects what nothing holds any more. */
const collect = async (): Promise<void> => {
  // A WeakRef holds on until the turn of the event loop in which it was made is over.
  await new Promise((resolve) => {
    setImmediate(resolve);
  });
  setFlagsFromString('--expose-gc');
  // What the flag puts into a new context.
  (runInNewContext('gc') as () => void)();
};

describe('a reader on Kafka', () => {
  it('lets go of an answer once all of it was taken', async () => {
    const reader = new KafkaReader(parts, { topic: 't', partition: 0, from: FIRST_OFFSET });
    const accepted = (): WeakRef<object> => {
      const answer = answerOf(['a', 'b']);
      reader.accept(answer, FIRST_OFFSET);
      return new WeakRef(answer.records.buffer);
    };
    const poll = async (): Promise<readonly string[]> => {
      const { records } = await reader.poll({ maxRecords: 1, maxBytes: 100 });
      return records.map(({ value }) => String(value));
    };
    const held = accepted();
    expect(await poll()).toEqual(['a']);
    await collect();
    expect(held.deref()).toBeDefined();
    expect(await poll()).toEqual(['b']);
    await collect();
    expect(held.deref()).toBeUndefined();
    expect(reader.position).toBe(2);
    expect(await poll()).toEqual([]);
  });
});
