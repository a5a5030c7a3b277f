import type { Log, LogRecord, PartitionOffsets } from '../../log/log.ts';
import { offset, type Offset } from '../../log/offset.ts';
import type { SourcePosition } from '../../schemas/commit-record.ts';
import { positionOf, offsetsOfTopic, type From } from '../read-topic.ts';

/** Where a partition of a source is read from, of all that it has. */
export interface StartPosition extends SourcePosition {
  readonly start: number;
  readonly end: number;
}

const ONE = { maxRecords: 1, maxBytes: 1 } as const;

/** The first record from an offset on; markers and gaps may lie between. */
const recordAt = async (
  log: Log,
  { topic, partition }: Pick<SourcePosition, 'topic' | 'partition'>,
  from: Offset,
): Promise<LogRecord | undefined> => {
  const reader = log.reader(topic, partition, from);
  try {
    for (let next = from; ;) {
      const polled = await reader.poll(ONE);
      if (polled.records[0] !== undefined) return polled.records[0];
      if (polled.next === next) return undefined;
      ({ next } = polled);
    }
  } finally {
    reader.close();
  }
};

/** The first record that was appended at a time or later: records lie in that order. */
const positionAtTime = async (
  log: Log,
  place: Pick<SourcePosition, 'topic' | 'partition'>,
  { start, stableEnd, timeMs }: PartitionOffsets & { readonly timeMs: number },
): Promise<Offset> => {
  let low: number = start;
  let high: number = stableEnd;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const record = await recordAt(log, place, offset(middle));
    if (record === undefined || record.appendedAtMs >= timeMs) high = middle;
    else low = record.offset + 1;
  }
  return offset(low);
};

/** Where each partition of a topic is to be read from. */
export const startPositions = async (
  log: Log,
  topic: string,
  from: From,
): Promise<readonly StartPosition[]> => {
  const { offsets } = await offsetsOfTopic(log, topic);
  return Promise.all(
    offsets.map(async (bounds, partition) => {
      const place = { topic, partition };
      const next =
        from.kind === 'time'
          ? await positionAtTime(log, place, { ...bounds, timeMs: from.appendedAtMs })
          : await positionOf(from, { ...place, log, wants: () => true }, bounds);
      return { ...place, next, start: bounds.start, end: bounds.stableEnd };
    }),
  );
};
