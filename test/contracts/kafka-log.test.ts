import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startKafka, type RunningKafka } from '../../scripts/kafka/start-kafka.ts';
import { systemClock } from '../../src/core/clock.ts';
import { openKafkaLog } from '../../src/log/kafka/kafka-log.ts';
import type { Log } from '../../src/log/log.ts';
import { RecordPacker } from '../../src/log/record-packer.ts';
import { prefixedLog } from '../support/prefixed-log.ts';
import { recordsOf } from '../support/topic-contents.ts';
import { describeOnKafka } from '../support/on-kafka.ts';
import { logContract } from './log-contract.ts';

const START_MS = 360_000;

describeOnKafka('on a broker', () => {
  let kafka: RunningKafka;
  let folder = '';
  let count = 0;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tidecast-'));
    kafka = await startKafka({
      brokers: 1,
      registry: false,
      folder,
      properties: { 'group.min.session.timeout.ms': 1_000 },
    });
  }, START_MS);

  afterAll(async () => {
    await kafka.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const open = async (): Promise<Log> => {
    const log = await openKafkaLog({
      brokers: kafka.brokers,
      clientId: 'contract',
      clock: systemClock,
      sessionTimeoutMs: 1_000,
    });
    count += 1;
    // The broker's topics outlive a test.
    return prefixedLog(log, `c${count}.`);
  };

  logContract('the log on Kafka', { open });

  it('sends more than one batch may hold in several, and says where all of it lies', async () => {
    const log = await open();
    const [topic, all] = ['large', 130_000];
    await log.ensureTopics([{ name: topic, partitions: 1, cleanup: 'delete' }]);
    const packer = new RecordPacker();
    for (let index = 0; index < all; index += 1) {
      packer.add({ topic, partition: 0, key: null, value: Buffer.from(String(index)) });
    }
    const producer = await log.producer('large');
    const transaction = await producer.begin();
    const acknowledged = await transaction.sendPacked(packer);
    await transaction.commit();
    expect(acknowledged.length).toBeGreaterThan(1);
    expect(acknowledged.reduce((sum, one) => sum + one.count, 0)).toBe(all);
    let stableEnd = 0;
    while (stableEnd <= all) ({ stableEnd } = await log.offsets(topic, 0));
    const found = await recordsOf(log, topic, 0);
    expect(found).toHaveLength(all);
    expect(found.every(({ value }, index) => Number(value) === index)).toBe(true);
    await log.close();
  });
});
