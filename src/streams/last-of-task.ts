import type { Log, LogRecord, PartitionOffsets } from '../log/log.ts';
import { offset, type Offset } from '../log/offset.ts';
import { readBetween } from '../log/read-between.ts';

/** A commit ends with its record: nearly always it is among so many, and some markers. */
const TAIL_RECORDS = 64;
const WIDER = 16;
const WIDEST = TAIL_RECORDS * WIDER ** 2;
const LIMITS = { maxRecords: 10_000, maxBytes: 16 << 20 };

type Place = Pick<LogRecord, 'topic' | 'partition'>;

/** Whose last record is looked for. */
type Keys = readonly string[];

const lastFrom = async (
  log: Log,
  { keys, ...place }: Place & { readonly keys: Keys },
  bounds: { readonly from: Offset; readonly to: Offset },
): Promise<LogRecord | undefined> => {
  let last: LogRecord | undefined;
  for await (const { records } of readBetween(log, { ...place, ...bounds }, LIMITS)) {
    last = records.findLast(({ key }) => keys.includes(key?.toString() ?? '')) ?? last;
  }
  return last;
};

/**
 * The last record of these keys in the changelog of a task, unless far more came after it than any
 * commit writes.
 */
export const lastOfTask = async (
  log: Log,
  place: Place & { readonly keys: Keys },
  { start, stableEnd: to }: Pick<PartitionOffsets, 'start' | 'stableEnd'>,
): Promise<LogRecord | undefined> => {
  for (let count = TAIL_RECORDS; count <= WIDEST; count *= WIDER) {
    const from = offset(Math.max(start, to - count));
    const found = await lastFrom(log, place, { from, to });
    if (found !== undefined || from === start) return found;
  }
  return undefined;
};
