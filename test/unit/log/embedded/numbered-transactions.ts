import type { SeededRandom } from '../../../../src/core/random.ts';
import type { Log, LogRecord, OutgoingRecord, Transaction } from '../../../../src/log/log.ts';
import { offset } from '../../../../src/log/offset.ts';
import type { TopicDefinition } from '../../../../src/schemas/topic.ts';
import { readAll, topic } from '../../../contracts/log-harness.ts';

export const TOPICS: readonly TopicDefinition[] = [topic('a', 3), topic('b', 2), topic('c', 1)];

/** How many records of a transaction there are, and how many there should be, by its number. */
export type Census = ReadonlyMap<number, { readonly found: number; readonly sent: number }>;

/** Records of one transaction: each says its number and how many there are in all. */
export const recordsOf = (number: number, random: SeededRandom): OutgoingRecord[] => {
  const count = 1 + random.int(12);
  return Array.from({ length: count }, (_, index) => {
    const { name, partitions } = TOPICS[random.int(TOPICS.length)] ?? topic('a');
    const filler = 'x'.repeat(random.int(random.next() < 0.1 ? 3_000 : 60));
    return {
      topic: name,
      partition: random.int(partitions),
      key: Buffer.from(`${index}`),
      value: Buffer.from(JSON.stringify({ number, count, filler })),
      headers: random.next() < 0.2 ? { number: String(number) } : {},
    };
  });
};

export const committed = async (
  transaction: Transaction,
  number: number,
  random: SeededRandom,
): Promise<void> => {
  await transaction.send(recordsOf(number, random));
  await transaction.commitOffsets([{ group: 'g', topic: 'a', partition: 0, next: offset(number) }]);
  await transaction.commit();
};

/** What `recordsOf` wrote into a value. */
const contentOf = ({ value }: LogRecord): { readonly number: number; readonly count: number } =>
  // Written by `recordsOf` above.
  JSON.parse(value?.toString() ?? '') as { readonly number: number; readonly count: number };

const refuseDisorder = (records: readonly LogRecord[]): void => {
  for (const [index, { topic, partition, offset: at }] of records.entries()) {
    const before = records[index - 1]?.offset ?? -1;
    if (at <= before) throw new Error(`${topic}/${partition} goes from ${before} back to ${at}`);
  }
};

/** Reads everything and counts it by transaction; throws where offsets go backwards. */
export const census = async (log: Log): Promise<Census> => {
  const counts = new Map<number, { found: number; sent: number }>();
  const places = TOPICS.flatMap(({ name, partitions }) =>
    Array.from({ length: partitions }, (_, partition) => ({ name, partition })),
  );
  for (const { name, partition } of places) {
    const { start } = await log.offsets(name, partition);
    const reader = log.reader(name, partition, start);
    const { records } = await readAll(reader, { maxRecords: 50, maxBytes: 10_000 });
    reader.close();
    refuseDisorder(records);
    for (const { number, count } of records.map(contentOf)) {
      const known = counts.get(number) ?? { found: 0, sent: count };
      known.found += 1;
      counts.set(number, known);
    }
  }
  return counts;
};

/** Numbers of transactions of which a part is missing. */
export const torn = (counts: Census): readonly number[] =>
  [...counts].filter(([, { found, sent }]) => found !== sent).map(([number]) => number);
