import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe } from 'vitest';
import { startKafka, type RunningKafka } from '../../scripts/kafka/start-kafka.ts';
import { missingTools } from '../../scripts/kafka/tools.ts';
import { systemClock } from '../../src/core/clock.ts';
import { openKafkaLog } from '../../src/log/kafka/kafka-log.ts';
import { prefixedLog } from '../support/prefixed-log.ts';
import { logContract } from './log-contract.ts';

const START_MS = 360_000;

const missing = await missingTools();
const isRequired = process.env['TEST_REQUIRE_REAL'] === '1';

if (missing.length > 0 && !isRequired) {
  process.stderr.write(`SKIPPED: the log on Kafka, for want of ${missing.join(' and ')}\n`);
}

describe.runIf(missing.length === 0 || isRequired)('on a broker', () => {
  let kafka: RunningKafka;
  let folder = '';
  let count = 0;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tidecast-'));
    const properties = { 'group.min.session.timeout.ms': 1_000 };
    kafka = await startKafka({ brokers: 1, registry: false, folder, properties });
  }, START_MS);

  afterAll(async () => {
    await kafka.stop();
    await rm(folder, { recursive: true, force: true });
  });

  logContract('the log on Kafka', {
    open: async () => {
      const log = await openKafkaLog({
        brokers: kafka.brokers,
        clientId: 'contract',
        clock: systemClock,
        sessionTimeoutMs: 1_000,
      });
      count += 1;
      // The broker's topics outlive a test.
      return prefixedLog(log, `c${count}.`);
    },
  });
});
