import type { Clock } from '../core/clock.ts';
import type { Log, LogReader, LogRecord } from '../log/log.ts';
import type { Offset } from '../log/offset.ts';
import type { Polled, SourceBatch } from './batch.ts';
import type { Positions } from './positions.ts';
import type { TaskLimits } from './task-context.ts';

/** Readers wait at most this long for a full batch once records are there, so that a trickle is not held back. */
const COALESCE_STEP_MS = 10;

interface SourceReader {
  readonly reader: LogReader;
  readonly broadcast: boolean;
}

interface Gathered {
  readonly reader: LogReader;
  readonly records: LogRecord[];
  next: Offset;
}

export interface PollerOptions {
  readonly log: Log;
  readonly clock: Clock;
  readonly limits: TaskLimits;
  readonly positions: Positions;
  readonly signal: AbortSignal;
  /** true: leave the partitioned sources alone for now. */
  readonly paused: () => boolean;
}

export interface Poller {
  /** Gathers records until the batch is full or the commit interval is over; empty when none came in time. */
  poll(): Promise<Polled>;
  close(): void;
}

const anyMore = async (
  readers: readonly SourceReader[],
  signal: AbortSignal,
  timeoutMs: number,
): Promise<void> => {
  const settled = new AbortController();
  const either = AbortSignal.any([signal, settled.signal, AbortSignal.timeout(timeoutMs)]);
  try {
    await Promise.race(readers.map(({ reader }) => reader.more(either)));
  } finally {
    settled.abort();
  }
};

/** Reads all sources of one task, in the order in which the topology lists them. */
export const poller = (options: PollerOptions): Poller => {
  const { log, clock, limits, positions, signal, paused } = options;
  const readers: readonly SourceReader[] = positions.list.map(
    ({ topic, partition, next, broadcast }) => ({
      reader: log.reader(topic, partition, next),
      broadcast,
    }),
  );

  const open = (): readonly SourceReader[] =>
    paused() ? readers.filter(({ broadcast }) => broadcast) : readers;

  const gather = async (
    gathered: Map<LogReader, Gathered>,
    from: readonly SourceReader[],
    room: number,
  ): Promise<number> => {
    let count = 0;
    for (const { reader } of from) {
      if (count >= room) break;
      const { records, next } = await reader.poll({
        maxRecords: room - count,
        maxBytes: limits.batchBytesMax,
      });
      const sofar = gathered.get(reader);
      if (sofar === undefined) gathered.set(reader, { reader, records: [...records], next });
      else {
        for (const record of records) sofar.records.push(record);
        sofar.next = next;
      }
      count += records.length;
    }
    return count;
  };

  const toPolled = (gathered: ReadonlyMap<LogReader, Gathered>, atEnd: boolean): Polled => {
    const inputs: SourceBatch[] = [];
    for (const { reader, records, next } of gathered.values()) {
      inputs.push({ topic: reader.topic, partition: reader.partition, records, next });
    }
    return { inputs, atEnd };
  };

  return {
    async poll() {
      const gathered = new Map<LogReader, Gathered>();
      const from = open();
      let count = await gather(gathered, from, limits.batchRecordsMax);
      if (count === 0) {
        await anyMore(from, signal, limits.idlePollMs);
        count = await gather(gathered, from, limits.batchRecordsMax);
      }
      const deadlineMs = clock.monotonic() + limits.commitIntervalMs;
      let got = count;
      while (count > 0 && count < limits.batchRecordsMax && clock.monotonic() < deadlineMs) {
        if (signal.aborted) break;
        if (got === 0) await anyMore(from, signal, COALESCE_STEP_MS);
        got = await gather(gathered, from, limits.batchRecordsMax - count);
        count += got;
      }
      return toPolled(gathered, from.length === readers.length && got === 0);
    },
    close() {
      for (const { reader } of readers) reader.close();
    },
  };
};
