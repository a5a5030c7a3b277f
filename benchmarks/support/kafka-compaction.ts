import { setTimeout as pause } from 'node:timers/promises';
import { systemClock } from '../../src/core/clock.ts';
import { alterConfigs } from '../../src/log/kafka/alter-configs.ts';
import { KafkaCluster } from '../../src/log/kafka/cluster.ts';
import type { Log, LogRecord } from '../../src/log/log.ts';
import { offset } from '../../src/log/offset.ts';
import type { TopicDefinition } from '../../src/schemas/topic.ts';

/** Segments are closed nearly at once, and each that is closed is worth cleaning. */
const EAGER = [
  { name: 'segment.ms', value: '100' },
  { name: 'min.cleanable.dirty.ratio', value: '0.001' },
];

/** Brokers whose cleaner looks this often have soon compacted what is to be compacted. */
export const EAGER_CLEANER = { 'log.cleaner.backoff.ms': 500 };

const LIMITS = { maxRecords: 50_000, maxBytes: 16 << 20 };
const LOOK_MS = 1_000;
const COMPACTED_MS_MAX = 120_000;

/** What is only compacted, never dropped by age: changelogs. */
const compactedOf = async (log: Log): Promise<readonly TopicDefinition[]> =>
  (await log.topics())
    .map(({ definition }) => definition)
    .filter(({ cleanup }) => cleanup === 'compact');

const makeEager = async (
  brokers: readonly string[],
  topics: readonly TopicDefinition[],
): Promise<void> => {
  const cluster = new KafkaCluster({ brokers, clientId: 'compaction' });
  await cluster.connect();
  try {
    await alterConfigs(
      await cluster.controller(),
      new Map(topics.map(({ name }) => [name, EAGER])),
    );
  } finally {
    await cluster.close();
  }
};

/**
 * Brokers close a segment when something is appended that comes too late for it. This is aborted,
 * so that no reader sees it.
 */
const closeSegments = async (log: Log, topics: readonly TopicDefinition[]): Promise<void> => {
  const producer = await log.producer('compaction');
  const transaction = await producer.begin();
  await transaction.send(
    topics.flatMap(({ name: topic, partitions }) =>
      Array.from({ length: partitions }, (_, partition) => ({
        ...{ topic, partition, value: null },
        key: Buffer.from('nothing'),
      })),
    ),
  );
  await transaction.abort();
  await producer.close();
};

/** false: a key is there already. */
const addAll = (keys: Set<string>, records: readonly Pick<LogRecord, 'key'>[]): boolean =>
  records.every(({ key }) => keys.size < keys.add(key?.toString('latin1') ?? '').size);

/** Whether no key of a partition is there twice. */
const isCompacted = async (log: Log, topic: string, partition: number): Promise<boolean> => {
  const { start, stableEnd } = await log.offsets(topic, partition);
  const reader = log.reader(topic, partition, offset(start));
  const keys = new Set<string>();
  try {
    for (let next = start; next < stableEnd;) {
      const polled = await reader.poll(LIMITS);
      if (!addAll(keys, polled.records)) return false;
      if (polled.next === next) await pause(LOOK_MS);
      ({ next } = polled);
    }
    return true;
  } finally {
    reader.close();
  }
};

/**
 * Has the cleaner of brokers leave the last record of each key, and waits until it has done so.
 * Nobody may write meanwhile.
 */
export const compactOnKafka = async (brokers: readonly string[], log: Log): Promise<void> => {
  const topics = await compactedOf(log);
  await makeEager(brokers, topics);
  const untilMs = systemClock.monotonic() + COMPACTED_MS_MAX;
  for (const { name, partitions } of topics) {
    for (let partition = 0; partition < partitions;) {
      if (await isCompacted(log, name, partition)) partition += 1;
      else if (systemClock.monotonic() > untilMs) throw new Error(`${name} is not compacted`);
      else {
        // Again and again: brokers hear late of how eager they are to be.
        await closeSegments(log, topics);
        await pause(LOOK_MS);
      }
    }
  }
};
