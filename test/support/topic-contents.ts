import { join } from 'node:path';
import { canonicalJson, type Json } from '../../src/core/canonical-json.ts';
import { systemClock } from '../../src/core/clock.ts';
import { openEmbeddedLog } from '../../src/log/embedded/embedded-log.ts';
import { openEmbeddedSchemaRegistry } from '../../src/log/embedded/embedded-schema-registry.ts';
import type { Log, LogRecord, OutgoingRecord } from '../../src/log/log.ts';
import { offset } from '../../src/log/offset.ts';
import { plainValues, type PlainValue } from '../../src/schemas/plain-value.ts';
import type { SchemaRegistry } from '../../src/schemas/schema-registry.ts';
import type { TopicDefinition } from '../../src/schemas/topic.ts';

/** What committed readers see of each topic: values by key, each key's in order. */
export type Contents = ReadonlyMap<string, ReadonlyMap<string, readonly string[]>>;

const LIMITS = { maxRecords: 5_000, maxBytes: 16 << 20 };

/** Every committed record of a partition. */
export const recordsOf = async (
  log: Log,
  topic: string,
  partition: number,
): Promise<readonly LogRecord[]> => {
  const { start, stableEnd } = await log.offsets(topic, partition);
  const reader = log.reader(topic, partition, offset(start));
  const all: LogRecord[] = [];
  for (let next: number = start; next < stableEnd;) {
    const polled = await reader.poll(LIMITS);
    all.push(...polled.records.filter((record) => record.offset < stableEnd));
    if (polled.next === next) break;
    next = polled.next;
  }
  reader.close();
  return all;
};

/**
 * The projection in which two runs, or a run and its replay, are compared: markers and aborted
 * batches shift offsets, and a period is closed by the last watermark of its batch.
 */
const projected = ({ type, value }: PlainValue, { headers = {} }: OutgoingRecord): string => {
  if (type === 'none') return canonicalJson({ ...headers });
  // A record's value is JSON but for NaN and infinite numbers, which JSON.stringify writes as null.
  const plain = JSON.parse(JSON.stringify({ type, value })) as { value: Record<string, Json> };
  if (type === 'Forecast') {
    delete plain.value['generatedAt'];
    plain.value['source'] = null;
  }
  if (type === 'DeadLetter' || type === 'LateObservation') delete plain.value['version'];
  return canonicalJson({ type, ...plain });
};

/** Who wrote it, where several write under one key: only what one of them says is in order. */
const writerOf = ({ value }: PlainValue, { headers }: OutgoingRecord): string => {
  const source = headers?.['source'];
  if (source !== undefined) return source.replace(/:\d+$/, '');
  const isPartial = typeof value === 'object' && value !== null && 'partition' in value;
  return isPartial ? String(value.partition) : '';
};

/** Contents while records are put in, in the order of their partitions. */
export class ContentsGatherer {
  readonly contents = new Map<string, Map<string, string[]>>();
  private readonly plain: (bytes: Buffer | null) => Promise<PlainValue>;

  constructor(registry: SchemaRegistry) {
    this.plain = plainValues(registry);
  }

  async put(record: OutgoingRecord): Promise<void> {
    const value = await this.plain(record.value);
    const byKey = this.contents.get(record.topic) ?? new Map<string, string[]>();
    this.contents.set(record.topic, byKey);
    const named = record.key?.toString() ?? '';
    const key = `${record.partition}|${named}|${writerOf(value, record)}`;
    const values = byKey.get(key) ?? [];
    byKey.set(key, values);
    values.push(projected(value, record));
  }
}

/** Every committed record of a topic, partition by partition. */
export async function* everyRecordOf(
  log: Log,
  { name, partitions }: TopicDefinition,
): AsyncGenerator<LogRecord> {
  for (let partition = 0; partition < partitions; partition += 1) {
    yield* await recordsOf(log, name, partition);
  }
}

export const contentsOfLog = async (
  { log, registry }: { readonly log: Log; readonly registry: SchemaRegistry },
  topics: readonly string[],
): Promise<Contents> => {
  const gatherer = new ContentsGatherer(registry);
  for (const { definition } of await log.topics()) {
    if (!topics.includes(definition.name)) continue;
    for await (const record of everyRecordOf(log, definition)) await gatherer.put(record);
  }
  return gatherer.contents;
};

export const topicContents = async (
  folder: string,
  topics: readonly string[],
): Promise<Contents> => {
  const path = join(folder, 'log');
  const log = await openEmbeddedLog({ folder: path, clock: systemClock });
  const registry = await openEmbeddedSchemaRegistry({ folder: path });
  try {
    return await contentsOfLog({ log, registry }, topics);
  } finally {
    await registry.close();
    await log.close();
  }
};

/**
 * Without watermarks: how partitions went on depends on the order in which they were read, and
 * nothing else does.
 */
export const withoutWatermarks = (contents: Contents): Contents =>
  new Map(
    [...contents].map(([topic, byKey]) => [
      topic,
      new Map([...byKey].filter(([key]) => !key.includes('\u0000'))),
    ]),
  );

export const countIn = (contents: Contents): number => {
  let count = 0;
  for (const byKey of contents.values()) for (const { length } of byKey.values()) count += length;
  return count;
};

/** The first place where two lists differ, in words; undefined when they are equal. */
const differenceBetween = (
  here: readonly string[],
  there: readonly string[],
): string | undefined => {
  const at = here.findIndex((value, index) => value !== there[index]);
  if (at < 0 && here.length === there.length) return undefined;
  const first = at < 0 ? here.length : at;
  const shown = (values: readonly string[]): string => values[first]?.slice(0, 600) ?? 'nothing';
  return `${first} of ${here.length} and ${there.length}:\n${shown(here)}\n${shown(there)}`;
};

const keysOf = (one: Contents, other: Contents): readonly (readonly [string, string])[] =>
  [...new Set([...one.keys(), ...other.keys()])].flatMap((topic) => {
    const keys = [one, other].flatMap((contents) => [...(contents.get(topic)?.keys() ?? [])]);
    return [...new Set(keys)].map((key) => [topic, key] as const);
  });

/** The first place where two runs differ, in words; undefined when they are equal. */
export const differenceOf = (one: Contents, other: Contents): string | undefined => {
  const of = (contents: Contents, topic: string, key: string): readonly string[] =>
    contents.get(topic)?.get(key) ?? [];
  for (const [topic, key] of keysOf(one, other)) {
    const difference = differenceBetween(of(one, topic, key), of(other, topic, key));
    if (difference !== undefined) return `${topic} ${key} differs at ${difference}`;
  }
  return undefined;
};
