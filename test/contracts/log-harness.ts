import { onTestFinished } from 'vitest';
import type { Log, LogReader, LogRecord, OutgoingRecord, PollLimits } from '../../src/log/log.ts';
import type { Offset } from '../../src/log/offset.ts';
import type { TopicDefinition } from '../../src/schemas/topic.ts';

/** How the suite gets an empty log, and what the implementation can do beside the port. */
export interface LogHarness {
  readonly open: () => Promise<Log>;
  /** Compacts all compacted topics now. */
  readonly compact?: (log: Log) => Promise<void>;
  /** Drops everything before an offset of a topic's partition 0. */
  readonly trim?: (log: Log, topic: string, to: Offset) => Promise<void>;
}

export const ALL: PollLimits = { maxRecords: 1_000_000, maxBytes: 1 << 30 };
/** Polls of one test: an endless loop is a failure, not a hang. */
const POLLS_MAX = 10_000;

export const topic = (
  name: string,
  partitions = 2,
  rest: Partial<TopicDefinition> = {},
): TopicDefinition => ({ name, partitions, cleanup: 'keep', ...rest });

export const outgoing = (
  topicName: string,
  partition: number,
  value: string | null,
): OutgoingRecord => ({
  topic: topicName,
  partition,
  key: Buffer.from('key'),
  value: value === null ? null : Buffer.from(value),
});

/** Everything that a committed read sees now. */
export const readAll = async (
  reader: LogReader,
  limits: PollLimits = ALL,
): Promise<{ readonly records: LogRecord[]; readonly next: Offset }> => {
  const records: LogRecord[] = [];
  let before: Offset | undefined;
  for (let polls = 0; polls < POLLS_MAX; polls += 1) {
    const polled = await reader.poll(limits);
    records.push(...polled.records);
    if (polled.next === before) return { records, next: polled.next };
    before = polled.next;
  }
  throw new Error('the reader never comes to the end');
};

export const valuesOf = async (log: Log, name: string, partition = 0): Promise<string[]> => {
  const { start } = await log.offsets(name, partition);
  const reader = log.reader(name, partition, start);
  const { records } = await readAll(reader);
  reader.close();
  return records.map(({ value }) => value?.toString() ?? 'null');
};

/** Appends in one transaction of a producer of its own. */
export const appendAll = async (
  log: Log,
  records: readonly OutgoingRecord[],
  id = 'appender',
): Promise<void> => {
  const producer = await log.producer(id);
  const transaction = await producer.begin();
  await transaction.send(records);
  await transaction.commit();
  await producer.close();
};

/** Long enough for what goes over a network; in memory all comes true within some turns. */
const UNTIL_MS = 20_000;

/** Waits for a condition while the event loop turns, within a bound. */
export const until = async (condition: () => boolean): Promise<void> => {
  const since = performance.now();
  while (performance.now() - since < UNTIL_MS) {
    if (condition()) return;
    await new Promise((turn) => setImmediate(turn));
  }
  throw new Error('the condition never came true');
};

/** The harness' empty log with these topics, closed when the test ends. */
export const logWith = async (
  { open }: LogHarness,
  ...definitions: readonly TopicDefinition[]
): Promise<Log> => {
  const log = await open();
  onTestFinished(() => log.close());
  await log.ensureTopics(definitions);
  return log;
};
