import { describe, expect, it } from 'vitest';
import { systemClock } from '../../../../src/core/clock.ts';
import { openKafkaLog } from '../../../../src/log/kafka/kafka-log.ts';
import { FIRST_OFFSET } from '../../../../src/log/offset.ts';
import { until } from '../../../contracts/log-harness.ts';
import { API_VERSIONS, fakeBroker, versionsOf } from '../../../support/fake-broker.ts';
import { API, int16, int32, list, text } from '../../../support/kafka-refusals.ts';

const SASL_HANDSHAKE = 17;
const SASL_AUTHENTICATE = 36;
const SASL_AUTHENTICATION_FAILED = 58;
const SASL = { mechanism: 'plain', username: 'me', password: 'p' } as const;

describe('a log on Kafka that cannot be opened', () => {
  it('leaves no connection behind', async () => {
    let asked = 0;
    const { address, sockets } = await fakeBroker((apiKey) => {
      if (apiKey === API_VERSIONS) return versionsOf({ [SASL_HANDSHAKE]: 1 });
      asked += 1;
      // It knows no mechanism.
      return Buffer.concat([int16(0), list([])]);
    });
    const opening = openKafkaLog({
      ...{ brokers: [address], clientId: 'c', clock: systemClock },
      sasl: SASL,
    });
    await expect(opening).rejects.toMatchObject({ code: 'LOG_AUTHENTICATION' });
    expect(asked).toBe(1);
    await until(() => sockets.size === 0);
  });
});

const LEADER_NOT_AVAILABLE = 5;
const NOBODY = -1;

/** A partition of the answer about topics, with one replica. */
const partition = (id: number, leader: number): Buffer => {
  const error = int16(leader < 0 ? LEADER_NOT_AVAILABLE : 0);
  const replicas = list([int32(1)]);
  return Buffer.concat([error, int32(id), int32(leader), replicas, replicas, list([])]);
};

const topic = (name: string, partitions: readonly Buffer[]): Buffer =>
  Buffer.concat([int16(0), text(name), Buffer.of(0), list(partitions)]);

/** The answer of a broker that is the only one. */
const metadata = (port: number, topics: readonly Buffer[]): Buffer => {
  const broker = Buffer.concat([int32(1), text('127.0.0.1'), int32(port), int16(-1)]);
  return Buffer.concat([int32(0), list([broker]), int16(-1), int32(1), list(topics)]);
};

const AT = Buffer.alloc(8);
AT.writeInt8(7, 7);

/** That the only partition of a topic begins and ends at 7. */
const listed = (name: string): Buffer =>
  Buffer.concat([
    int32(0),
    list([Buffer.concat([text(name), list([Buffer.concat([int32(0), int16(0), AT, AT])])])]),
  ]);

describe('a log on Kafka', () => {
  it('is not held up by partitions of others that nobody leads', async () => {
    let asked = 0;
    const { address } = await fakeBroker((apiKey, port) => {
      if (apiKey === API_VERSIONS) return versionsOf({ [API.metadata]: 6, [API.listOffsets]: 2 });
      if (apiKey === API.listOffsets) return listed('ours');
      asked += 1;
      const foreign = topic('foreign', [partition(0, 1), partition(1, NOBODY)]);
      return metadata(port, [foreign, topic('ours', [partition(0, 1)])]);
    });
    const log = await openKafkaLog({ brokers: [address], clientId: 'c', clock: systemClock });
    expect(asked).toBe(1);
    expect(await log.offsets('ours', 0)).toEqual({ start: 7, stableEnd: 7, end: 7 });
    const opened = log.reader('foreign', 1, FIRST_OFFSET);
    await expect(opened.poll({ maxRecords: 1, maxBytes: 1 })).rejects.toMatchObject({
      ...{ code: 'LOG_UNREACHABLE', retriable: true },
      message: expect.stringContaining('nobody leads foreign/1') as string,
    });
    await log.close();
  });

  it('asks again while nobody leads a partition', async () => {
    let elections = 3;
    const { address } = await fakeBroker((apiKey, port) => {
      if (apiKey === API_VERSIONS) return versionsOf({ [API.metadata]: 6, [API.listOffsets]: 2 });
      if (apiKey === API.listOffsets) return listed('ours');
      elections -= 1;
      return metadata(port, [topic('ours', [partition(0, elections > 0 ? NOBODY : 1)])]);
    });
    const log = await openKafkaLog({ brokers: [address], clientId: 'c', clock: systemClock });
    expect(await log.offsets('ours', 0)).toEqual({ start: 7, stableEnd: 7, end: 7 });
    expect(elections).toBe(0);
    await log.close();
  });

  it('says that a password has expired while it was open', async () => {
    let error = 0;
    const known: Readonly<Record<number, () => Buffer>> = {
      [API_VERSIONS]: () =>
        versionsOf({ [API.metadata]: 6, [SASL_HANDSHAKE]: 1, [SASL_AUTHENTICATE]: 0 }),
      [SASL_HANDSHAKE]: () => Buffer.concat([int16(0), list([text('PLAIN')])]),
      [SASL_AUTHENTICATE]: () => Buffer.concat([int16(error), text('expired'), list([])]),
    };
    const { address, sockets } = await fakeBroker(
      (apiKey, port) => known[apiKey]?.() ?? metadata(port, [topic('ours', [partition(0, 1)])]),
    );
    const options = { brokers: [address], clientId: 'c', clock: systemClock, sasl: SASL };
    const log = await openKafkaLog(options);
    error = SASL_AUTHENTICATION_FAILED;
    for (const socket of sockets) socket.destroy();
    await until(() => sockets.size === 0);
    await expect(log.offsets('ours', 0)).rejects.toMatchObject({
      ...{ code: 'LOG_AUTHENTICATION', retriable: true },
      message: expect.stringContaining('check kafka.sasl: user me') as string,
    });
    await log.close();
  });
});
