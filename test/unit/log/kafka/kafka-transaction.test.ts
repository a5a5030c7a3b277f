import errors from 'kafkajs/src/protocol/error.js';
import type { Broker } from 'kafkajs/src/cluster/index.js';
import { describe, expect, it } from 'vitest';
import { offset } from '../../../../src/log/offset.ts';
import { Coordinator } from '../../../../src/log/kafka/coordinator.ts';
import type { Epoch } from '../../../../src/log/kafka/epoch.ts';
import { KafkaTransaction } from '../../../../src/log/kafka/kafka-transaction.ts';

const NOT_COORDINATOR = 16;
const INVALID_TXN_STATE = 48;

/** A transaction that has begun, whose coordinator refuses its end so. */
const begun = async (code: number): Promise<KafkaTransaction> => {
  const broker = {
    addOffsetsToTxn: async () => undefined,
    txnOffsetCommit: async () => undefined,
    endTxn: async () => {
      throw errors.createErrorFromCode(code);
    },
  };
  const coordinator = new Coordinator(async () => broker as unknown as Broker);
  // What a transaction without records asks of its producer.
  const epoch = {
    ...{ coordinator, groupCoordinator: () => coordinator, refuseFailed: () => undefined },
    identity: { transactionalId: 't', producerId: 1, producerEpoch: 0 },
    attempt: <T>(_: string, run: () => Promise<T>) => run(),
  } as unknown as Epoch;
  const transaction = new KafkaTransaction(epoch);
  const position = { topic: 'a', partition: 0, next: offset(1) };
  await transaction.commitOffsets([{ group: 'g', ...position }]);
  return transaction;
};

describe('a transaction', () => {
  it('is in doubt when its coordinator kept moving until patience ended', async () => {
    const transaction = await begun(NOT_COORDINATOR);
    await expect(transaction.commit()).rejects.toMatchObject({ code: 'LOG_OUTCOME_UNKNOWN' });
  });

  it('is decided when it is refused', async () => {
    const transaction = await begun(INVALID_TXN_STATE);
    await expect(transaction.commit()).rejects.toMatchObject({ type: 'INVALID_TXN_STATE' });
  });
});
