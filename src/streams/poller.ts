import { abortedBy } from '../core/aborted-by.ts';
import type { Clock } from '../core/clock.ts';
import type { Log, LogReader, LogRecord } from '../log/log.ts';
import type { Offset } from '../log/offset.ts';
import type { PolledSources, SourceBatch } from './batch.ts';
import type { Positions } from './positions.ts';
import type { TaskLimits } from './task-context.ts';

/**
 * Between two looks while a batch is being gathered, so that many small arrivals cost few wake-ups.
 */
const COALESCE_STEP_MS = 10;

interface SourceReader {
  readonly reader: LogReader;
  readonly broadcast: boolean;
}

interface Gathered {
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
  /**
   * Gathers records until the batch is full or the commit interval since the batch before is over:
   * after a pause the first record waits for nobody. Empty when none came in time.
   */
  poll(): Promise<PolledSources>;
  close(): void;
}

/**
 * Resolves when any of the readers may have more, when the time is over, or when the signal aborts.
 */
const anyMore = async (
  readers: readonly SourceReader[],
  signal: AbortSignal,
  timeoutMs: number,
): Promise<void> => {
  const settled = abortedBy(signal);
  const over = new Promise<void>((resolve) => {
    settled.signal.addEventListener('abort', () => {
      resolve();
    });
  });
  const timer = setTimeout(() => settled.abort(), timeoutMs);
  try {
    if (signal.aborted) return;
    await Promise.race([over, ...readers.map(({ reader }) => reader.more(settled.signal))]);
  } finally {
    clearTimeout(timer);
    settled.abort();
  }
};

const bytesOf = (records: readonly LogRecord[]): number => {
  let bytes = 0;
  for (const { key, value } of records) bytes += (key?.length ?? 0) + (value?.length ?? 0);
  return bytes;
};

/** One batch while it is being gathered. */
class Gathering {
  private readonly limits: TaskLimits;
  private readonly bySource = new Map<SourceReader, Gathered>();
  private count = 0;
  private bytes = 0;
  /** How many records the last round brought. */
  private got = 0;

  constructor(limits: TaskLimits) {
    this.limits = limits;
  }

  get isEmpty(): boolean {
    return this.count === 0;
  }

  get isFull(): boolean {
    return this.count >= this.limits.batchRecordsMax || this.bytes >= this.limits.batchBytesMax;
  }

  get isAtEnd(): boolean {
    return this.got === 0;
  }

  /**
   * Asks each reader once. Each gets its share of the room, so that none starves those that come
   * after it.
   */
  async round(from: readonly SourceReader[]): Promise<void> {
    this.got = 0;
    for (const [index, source] of from.entries()) {
      if (this.isFull) return;
      const readersLeft = from.length - index;
      const { records, next } = await source.reader.poll({
        maxRecords: Math.ceil((this.limits.batchRecordsMax - this.count) / readersLeft),
        maxBytes: this.limits.batchBytesMax - this.bytes,
      });
      this.take(source, records, next);
    }
  }

  /** In the order of the sources. */
  toPolled(all: readonly SourceReader[], atEnd: boolean): PolledSources {
    const inputs: SourceBatch[] = [];
    for (const source of all) {
      const gathered = this.bySource.get(source);
      const { topic, partition } = source.reader;
      if (gathered !== undefined) inputs.push({ topic, partition, ...gathered });
    }
    return { inputs, atEnd };
  }

  private take(source: SourceReader, records: readonly LogRecord[], next: Offset): void {
    const sofar = this.bySource.get(source);
    if (sofar === undefined) this.bySource.set(source, { records: [...records], next });
    else {
      for (const record of records) sofar.records.push(record);
      sofar.next = next;
    }
    this.got += records.length;
    this.count += records.length;
    this.bytes += bytesOf(records);
  }
}

/** Reads all sources of one task, in the order in which the topology lists them. */
export const poller = (options: PollerOptions): Poller => {
  const { log, clock, limits, positions, signal, paused } = options;
  const all: readonly SourceReader[] = positions.list.map(
    ({ topic, partition, next, broadcast }) => ({
      reader: log.reader(topic, partition, next),
      broadcast,
    }),
  );
  let gatheredMs = -Infinity;
  return {
    async poll() {
      const open = paused() ? all.filter(({ broadcast }) => broadcast) : all;
      const gathering = new Gathering(limits);
      await gathering.round(open);
      if (gathering.isEmpty) {
        await anyMore(open, signal, limits.idlePollMs);
        await gathering.round(open);
      }
      const deadlineMs = gatheredMs + limits.commitIntervalMs;
      const leftMs = (): number => deadlineMs - clock.monotonic();
      // What is there is taken at once; what may come is waited for until the interval is over.
      const mayGoOn = (): boolean =>
        !signal.aborted && !gathering.isFull && (!gathering.isAtEnd || leftMs() > 0);
      while (!gathering.isEmpty && mayGoOn()) {
        if (gathering.isAtEnd) {
          await anyMore(open, signal, Math.min(COALESCE_STEP_MS, Math.max(0, leftMs())));
        }
        await gathering.round(open);
      }
      if (!gathering.isEmpty) gatheredMs = clock.monotonic();
      return gathering.toPolled(all, open.length === all.length && gathering.isAtEnd);
    },
    close() {
      for (const { reader } of all) reader.close();
    },
  };
};
