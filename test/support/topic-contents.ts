import { join } from 'node:path';
import { canonicalJson, type Json } from '../../src/core/canonical-json.ts';
import { systemClock } from '../../src/core/clock.ts';
import { openEmbeddedLog } from '../../src/log/embedded/embedded-log.ts';
import { openEmbeddedSchemaRegistry } from '../../src/log/embedded/embedded-schema-registry.ts';
import type { Log, LogRecord } from '../../src/log/log.ts';
import { offset } from '../../src/log/offset.ts';
import { plainValues, type PlainValue } from '../../src/schemas/plain-value.ts';

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

/** The projection in which two runs are compared: markers and aborted batches shift offsets. */
const projected = ({ type, value }: PlainValue, { headers }: LogRecord): string => {
  if (type === 'none') return canonicalJson({ ...headers });
  // A plain value is JSON but for NaN and infinite numbers, which JSON.stringify writes as null.
  const plain = JSON.parse(JSON.stringify({ type, value })) as { value: Record<string, Json> };
  if (type === 'Forecast') {
    delete plain.value['generatedAt'];
    plain.value['source'] = null;
  }
  if (type === 'DeadLetter' || type === 'LateObservation') delete plain.value['version'];
  return canonicalJson(plain as unknown as Json);
};

/** Who wrote it, where several write under one key: only what one of them says is in order. */
const writerOf = ({ value }: PlainValue, { headers }: LogRecord): string => {
  if (headers['source'] !== undefined) return headers['source'].replace(/:\d+$/, '');
  const isPartial = typeof value === 'object' && value !== null && 'partition' in value;
  return isPartial ? String(value.partition) : '';
};

export const topicContents = async (
  folder: string,
  topics: readonly string[],
): Promise<Contents> => {
  const path = join(folder, 'log');
  const log = await openEmbeddedLog({ folder: path, clock: systemClock, maintenanceMs: 0 });
  const registry = await openEmbeddedSchemaRegistry({ folder: path });
  try {
    const plain = plainValues(registry);
    const contents = new Map<string, Map<string, string[]>>();
    for (const { definition } of await log.topics()) {
      if (!topics.includes(definition.name)) continue;
      const byKey = new Map<string, string[]>();
      contents.set(definition.name, byKey);
      for (let partition = 0; partition < definition.partitions; partition += 1) {
        for (const record of await recordsOf(log, definition.name, partition)) {
          const value = await plain(record.value);
          const key = `${partition}|${record.key?.toString() ?? ''}|${writerOf(value, record)}`;
          const values = byKey.get(key) ?? [];
          byKey.set(key, values);
          values.push(projected(value, record));
        }
      }
    }
    return contents;
  } finally {
    await registry.close();
    await log.close();
  }
};

export const countIn = (contents: Contents): number => {
  let count = 0;
  for (const byKey of contents.values()) for (const { length } of byKey.values()) count += length;
  return count;
};

/** The first place where two runs differ, in words; undefined when they are equal. */
export const differenceOf = (one: Contents, other: Contents): string | undefined => {
  for (const topic of new Set([...one.keys(), ...other.keys()])) {
    const [a, b] = [one.get(topic), other.get(topic)];
    for (const key of new Set([...(a?.keys() ?? []), ...(b?.keys() ?? [])])) {
      const [here, there] = [a?.get(key) ?? [], b?.get(key) ?? []];
      const at = here.findIndex((value, index) => value !== there[index]);
      if (at < 0 && here.length === there.length) continue;
      const first = at < 0 ? here.length : at;
      return (
        `${topic} ${key} differs at ${first} of ${here.length} and ${there.length}:\n` +
        `${here[first]?.slice(0, 600) ?? 'nothing'}\n${there[first]?.slice(0, 600) ?? 'nothing'}`
      );
    }
  }
  return undefined;
};
