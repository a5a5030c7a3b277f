import { describe, expect, it } from 'vitest';
import { systemClock } from '../../../../src/core/clock.ts';
import { openKafkaLog } from '../../../../src/log/kafka/kafka-log.ts';
import { until } from '../../../contracts/log-harness.ts';
import { API_VERSIONS, fakeBroker, versionsOf } from '../../../support/fake-broker.ts';
import { int16, list } from '../../../support/kafka-refusals.ts';

const SASL_HANDSHAKE = 17;

describe('a log on Kafka that cannot be opened', () => {
  it('leaves no connection behind', async () => {
    let asked = 0;
    const { address, sockets } = await fakeBroker((apiKey) => {
      if (apiKey === API_VERSIONS) return versionsOf([SASL_HANDSHAKE]);
      asked += 1;
      // It knows no mechanism.
      return Buffer.concat([int16(0), list([])]);
    });
    const opening = openKafkaLog({
      ...{ brokers: [address], clientId: 'c', clock: systemClock },
      sasl: { mechanism: 'plain', username: 'me', password: 'p' },
    });
    await expect(opening).rejects.toMatchObject({ code: 'LOG_AUTHENTICATION' });
    expect(asked).toBe(1);
    await until(() => sockets.size === 0);
  });
});
