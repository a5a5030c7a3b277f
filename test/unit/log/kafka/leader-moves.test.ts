import { describe, expect, it } from 'vitest';
import errors from 'kafkajs/src/protocol/error.js';
import { followingLeaders } from '../../../../src/log/kafka/leader-moves.ts';
import { logErrorOf } from '../../../../src/log/kafka/kafka-error.ts';

const NOT_LEADER = 6;
const UNAUTHORIZED = 29;

/** As the library calls it. */
const lost = (name: string): Error => Object.assign(new Error('gone'), { name });

/** Fails with one after the other, and then answers. */
const asking = (failures: readonly Error[]) => {
  const left = [...failures];
  const seen: string[] = [];
  const cluster = { refresh: async () => void seen.push('refresh') };
  const ask = async (): Promise<string> => {
    seen.push('ask');
    const failure = left.shift();
    if (failure !== undefined) throw logErrorOf(failure, 'no answer');
    return 'answer';
  };
  return { seen, answer: followingLeaders(cluster, ask) };
};

describe('a question to a leader', () => {
  it.each([
    ['another leads', errors.createErrorFromCode(NOT_LEADER)],
    ['it cannot be reached', lost('KafkaJSConnectionError')],
    ['it hung up', lost('KafkaJSConnectionClosedError')],
    ['it is no broker any more', lost('KafkaJSBrokerNotFound')],
    ['it does not answer', lost('KafkaJSRequestTimeoutError')],
  ])('is asked again of whoever leads by then, when %s', async (_, failure) => {
    const { answer, seen } = asking([failure]);
    expect(await answer).toBe('answer');
    expect(seen).toEqual(['ask', 'refresh', 'ask']);
  });

  it('is given up soon where nobody can be reached, whom to wait for takes seconds', async () => {
    const { answer, seen } = asking(
      Array.from({ length: 9 }, () => lost('KafkaJSConnectionError')),
    );
    await expect(answer).rejects.toMatchObject({ code: 'LOG_UNREACHABLE', retriable: true });
    expect(seen.filter((one) => one === 'ask')).toHaveLength(3);
  });

  it('is not asked again when it is refused', async () => {
    const { answer, seen } = asking([errors.createErrorFromCode(UNAUTHORIZED)]);
    await expect(answer).rejects.toMatchObject({ code: 'LOG_UNAUTHORIZED' });
    expect(seen).toEqual(['ask']);
  });
});
