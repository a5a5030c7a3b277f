import added from 'kafkajs/src/protocol/requests/addPartitionsToTxn/v1/response.js';
import { describe, expect, it } from 'vitest';
import { readAnswersWhole } from '../../../../src/log/kafka/whole-answers.ts';

const UNKNOWN_TOPIC = 3;
const NOT_ATTEMPTED = 55;

/** The answer about topics with a partition each. */
const answer = (codes: readonly number[]) => ({
  errors: codes.map((errorCode, at) => ({
    topic: `t${at}`,
    partitionErrors: [{ partition: 0, errorCode }],
  })),
});

readAnswersWhole();

describe('an answer about partitions that were added to a transaction', () => {
  it.each([
    ['behind', [NOT_ATTEMPTED, UNKNOWN_TOPIC]],
    ['before', [0, UNKNOWN_TOPIC, NOT_ATTEMPTED]],
  ])('names the reason %s partitions that were not looked at', async (_, codes) => {
    await expect(added.parse(answer(codes))).rejects.toMatchObject({
      type: 'UNKNOWN_TOPIC_OR_PARTITION',
    });
  });

  it('passes where nothing is refused', async () => {
    expect(await added.parse(answer([0, 0]))).toEqual(answer([0, 0]));
  });
});
