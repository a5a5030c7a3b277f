import type { OutgoingRecord } from '../../src/log/log.ts';
import type { Serde } from '../../src/schemas/serde.ts';
import { SERDES } from './forecasting-driver.ts';

const BY_TOPIC: Readonly<Record<string, Serde<object>>> = {
  's.features': SERDES.features,
  's.forecasts': SERDES.forecast,
  's.scores': SERDES.score,
  's.late': SERDES.late,
  's.decisions': SERDES.decision,
};

const isFloats = (value: unknown): value is Float64Array | Float32Array =>
  value instanceof Float64Array || value instanceof Float32Array;

/** What two runs may differ in: markers and aborted batches shift offsets. */
const UNCOMPARED = new Set(['generatedAt', 'source']);

const projected = ({ topic, value, headers }: OutgoingRecord): string => {
  if (value === null) return JSON.stringify(headers);
  const decoded = BY_TOPIC[topic]?.decode(value);
  const text = decoded?.ok === true ? decoded.value : `unread ${topic}`;
  return JSON.stringify(text, (name, one: unknown) =>
    UNCOMPARED.has(name) ? undefined : isFloats(one) ? one.join() : one,
  );
};

/**
 * What was committed, by topic and key, in order, in the projection that equality is claimed of.
 */
export const committedBy = (
  sent: readonly OutgoingRecord[],
  isKept: (record: OutgoingRecord) => boolean = () => true,
): ReadonlyMap<string, readonly string[]> => {
  const byKey = new Map<string, string[]>();
  for (const record of sent.filter(isKept)) {
    const name = `${record.topic} ${String(record.key)}`;
    byKey.set(name, [...(byKey.get(name) ?? []), projected(record)]);
  }
  return new Map([...byKey].sort(([one], [other]) => (one < other ? -1 : 1)));
};

export const countOf = (
  committed: ReadonlyMap<string, readonly string[]>,
  topic: string,
  part = '',
): number => {
  let count = 0;
  for (const [name, records] of committed) {
    if (name.startsWith(`s.${topic} `)) {
      count += records.filter((record) => record.includes(part)).length;
    }
  }
  return count;
};
