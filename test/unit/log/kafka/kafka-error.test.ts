import errors from 'kafkajs/src/protocol/error.js';
import { describe, expect, it } from 'vitest';
import { LogError } from '../../../../src/log/errors.ts';
import { logErrorOf } from '../../../../src/log/kafka/kafka-error.ts';

/** As the library calls what never came to Kafka. */
const named = (name: string): Error => Object.assign(new Error('it says'), { name });

describe('an error of the library', () => {
  it.each([
    ['a transaction time-out beyond the limit', 50, /raise transaction\.max\.timeout\.ms/],
    ['a version that the brokers lack', 35, /nothing was done: /],
    ['a request that nobody understands', 42, /nothing was done: /],
  ])('is final where repeating it changes nothing: %s', (_, code, message) => {
    expect(logErrorOf(errors.createErrorFromCode(code), 'nothing was done')).toMatchObject({
      ...{ code: 'LOG_REFUSED', retriable: false },
      message: expect.stringMatching(message) as string,
    });
  });

  it.each([
    ['a sequence that is out of order, which a new producer begins again', 45],
    ['a member that the group has forgotten', 25],
    ['a broker that had a failure of its own', -1],
    ['too few replicas', 19],
    ['an error of a newer Kafka', 117],
  ])('is retriable where it may be over next time: %s', (_, code) => {
    expect(logErrorOf(errors.createErrorFromCode(code), 'nothing was done')).toMatchObject({
      ...{ code: 'LOG_UNREACHABLE', retriable: true },
    });
  });

  it('is told from one of our own, which stays a bug', () => {
    const bug = new TypeError('undefined is no function');
    expect(logErrorOf(bug, 'nothing was done')).toBe(bug);
    const known = new LogError('LOG_CLOSED', 'closed');
    expect(logErrorOf(known, 'nothing was done')).toBe(known);
    expect(logErrorOf(named('KafkaJSConnectionError'), 'nothing was done')).toMatchObject({
      code: 'LOG_UNREACHABLE',
    });
    const old = named('KafkaJSServerDoesNotSupportApiKey');
    expect(logErrorOf(old, 'nothing was done')).toMatchObject({ code: 'LOG_REFUSED' });
  });
});
