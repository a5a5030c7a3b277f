import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startKafka, type RunningKafka } from '../../scripts/kafka/start-kafka.ts';
import { systemClock } from '../../src/core/clock.ts';
import { openKafkaLog } from '../../src/log/kafka/kafka-log.ts';
import { offset } from '../../src/log/offset.ts';
import { describeOnKafka } from '../support/on-kafka.ts';
import { outgoing } from '../contracts/log-harness.ts';

const START_MS = 360_000;

/** Keys that were written again are soon gone. */
const PROPERTIES = {
  'log.roll.ms': 300,
  'log.cleaner.backoff.ms': 100,
  'log.cleaner.min.cleanable.ratio': 0.01,
};

describeOnKafka('a reader of a compacted partition', () => {
  let kafka: RunningKafka;
  let folder = '';

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tidecast-'));
    kafka = await startKafka({ brokers: 1, registry: false, folder, properties: PROPERTIES });
  }, START_MS);

  afterAll(async () => {
    await kafka.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it('comes to its end from anywhere, whatever compaction and aborts have left', async () => {
    const log = await openKafkaLog({
      brokers: kafka.brokers,
      clientId: 'compaction',
      clock: systemClock,
    });
    const topic = 'compacted';
    await log.ensureTopics([{ name: topic, partitions: 1, cleanup: 'compact' }]);
    const producer = await log.producer('compacted');
    const write = async (key: string, value: string, isKept: boolean): Promise<void> => {
      const transaction = await producer.begin();
      await transaction.send([{ ...outgoing(topic, 0, value), key: Buffer.from(key) }]);
      await (isKept ? transaction.commit() : transaction.abort());
    };
    for (let round = 0; round < 40; round += 1) {
      await write(round % 2 === 0 ? 'even' : 'odd', String(round), true);
      await write('even', 'never', false);
      // Segments are closed by time, and only closed ones are compacted.
      if (round % 10 === 9) await wait(400);
    }
    const valuesFrom = async (from: number): Promise<readonly string[]> => {
      const { stableEnd } = await log.offsets(topic, 0);
      const reader = log.reader(topic, 0, offset(from));
      const values: string[] = [];
      let next = from;
      for (let polls = 0; next < stableEnd && polls < 200; polls += 1) {
        const polled = await reader.poll({ maxRecords: 7, maxBytes: 1_000 });
        values.push(...polled.records.map(({ value }) => String(value)));
        next = polled.next;
      }
      reader.close();
      expect(next, `from ${from}`).toBeGreaterThanOrEqual(stableEnd);
      return values;
    };
    // The cleaner comes when it likes; the time of this test bounds it.
    while ((await valuesFrom(0)).length >= 30) await wait(200);
    const { stableEnd } = await log.offsets(topic, 0);
    for (let from = 0; from < stableEnd; from += 1) {
      const values = await valuesFrom(from);
      expect(values).not.toContain('never');
      if (from === 0) expect(values.slice(-2)).toEqual(['38', '39']);
    }
    await log.close();
  }, 60_000);
});
