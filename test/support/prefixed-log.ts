import { setTimeout as wait } from 'node:timers/promises';
import type { TopicDefinition } from '../../src/schemas/topic.ts';
import type {
  Acknowledgement,
  GroupOffset,
  Log,
  LogReader,
  LogRecord,
  OutgoingRecord,
  PackedRecords,
  Transaction,
  TransactionalProducer,
} from '../../src/log/log.ts';

const SETTLED_MS = 300;
const LOOK_MS = 5;

/**
 * Waits a moment until what was sent can be read: a broker answers a commit before it has written
 * all of the markers. Another open transaction may hold the stable end back for longer.
 */
const settled = async (log: Log, sent: readonly Acknowledgement[]): Promise<void> => {
  for (let waitedMs = 0; waitedMs < SETTLED_MS; waitedMs += LOOK_MS) {
    const ends = await Promise.all(
      sent.map(async ({ topic, partition }) => (await log.offsets(topic, partition)).stableEnd),
    );
    if (sent.every(({ baseOffset, count }, at) => (ends[at] ?? 0) > baseOffset + count)) return;
    await wait(LOOK_MS);
  }
};

/** A log whose topics, groups and transactional ids are a part of those of another one. */
export const prefixedLog = (log: Log, prefix: string): Log => {
  const inside = (name: string): string => `${prefix}${name}`;
  const outside = (name: string): string => name.slice(prefix.length);
  const isOwn = (name: string): boolean => name.startsWith(prefix);
  const within = <T extends { readonly topic: string }>(one: T): T => ({
    ...one,
    topic: inside(one.topic),
  });
  const without = <T extends { readonly topic: string }>(one: T): T => ({
    ...one,
    topic: outside(one.topic),
  });
  const definition = (one: TopicDefinition, name: string): TopicDefinition => ({ ...one, name });

  const transaction = (inner: Transaction, sent: Acknowledgement[] = []): Transaction => ({
    send: async (records: readonly OutgoingRecord[]) => {
      const acknowledged = await inner.send(records.map(within));
      sent.push(...acknowledged);
      return acknowledged.map(without);
    },
    sendPacked: async ({ partitions }: PackedRecords) => {
      const packed = partitions.map((one) => ({
        topic: inside(one.topic),
        partition: one.partition,
        count: one.count,
        chunks: () => one.chunks(),
      }));
      const acknowledged = await inner.sendPacked({ partitions: packed });
      sent.push(...acknowledged);
      return acknowledged.map(without);
    },
    commitOffsets: (offsets: readonly GroupOffset[]) =>
      inner.commitOffsets(offsets.map((one) => ({ ...within(one), group: inside(one.group) }))),
    commit: async () => {
      await inner.commit();
      await settled(log, sent);
    },
    abort: async () => {
      await inner.abort();
      await settled(log, sent);
    },
  });

  const producer = (inner: TransactionalProducer): TransactionalProducer => ({
    begin: async () => transaction(await inner.begin()),
    close: () => inner.close(),
  });

  const reader = (inner: LogReader): LogReader => ({
    topic: outside(inner.topic),
    partition: inner.partition,
    poll: async (limits) => {
      const { records, next } = await inner.poll(limits);
      return { records: records.map((record: LogRecord) => without(record)), next };
    },
    more: (signal) => inner.more(signal),
    seek: (next) => inner.seek(next),
    close: () => inner.close(),
  });

  return {
    ensureTopics: (all) => log.ensureTopics(all.map((one) => definition(one, inside(one.name)))),
    topics: async () =>
      (await log.topics())
        .filter(({ definition: { name } }) => isOwn(name))
        .map(({ definition: one, offsets }) => ({
          definition: definition(one, outside(one.name)),
          offsets,
        })),
    compareTopics: async (all) =>
      (await log.compareTopics(all.map((one) => definition(one, inside(one.name))))).map(without),
    repairTopics: async (all) =>
      (await log.repairTopics(all.map((one) => definition(one, inside(one.name))))).map(without),
    offsets: (topic, partition) => log.offsets(inside(topic), partition),
    offsetsOf: async (names) => (await log.offsetsOf(names.map(inside))).map(without),
    groupMembers: (group) => log.groupMembers(inside(group)),
    producer: async (id) => producer(await log.producer(inside(id))),
    reader: (topic, partition, from) => reader(log.reader(inside(topic), partition, from)),
    groupOffsets: async (group) =>
      (await log.groupOffsets(inside(group))).map((one) => ({
        ...without(one),
        group: outside(one.group),
      })),
    join: ({ group, topics, ...rest }, listener) =>
      log.join({ ...rest, group: inside(group), topics: topics.map(inside) }, listener),
    sync: () => log.sync(),
    close: () => log.close(),
  };
};
