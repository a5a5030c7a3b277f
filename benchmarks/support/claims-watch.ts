import { systemClock } from '../../src/core/clock.ts';
import type { Log, LogReader, LogRecord } from '../../src/log/log.ts';
import { CLAIM_KEY, COMMIT_KEY } from '../../src/streams/changelog.ts';

const LIMITS = { maxRecords: 10_000, maxBytes: 16 << 20 };

/** The owners of one task, as a committed reader of its changelog sees them. */
export interface Claims {
  /** How many claims were seen. */
  readonly count: number;
  /** When the last of them was seen, monotonic ms. */
  readonly claimedMs: number;
  /** When the first commit after it was seen; undefined: none yet. */
  readonly committedMs: number | undefined;
}

const UNCLAIMED: Claims = { count: 0, claimedMs: NaN, committedMs: undefined };

/** Tails a changelog from its end, and knows since when the owner of each task commits. */
export class ClaimsWatch {
  private readonly seen: Claims[];
  private readonly stopping = new AbortController();
  private readonly readers: readonly Promise<void>[];

  private constructor(readers: readonly LogReader[]) {
    this.seen = readers.map(() => UNCLAIMED);
    this.readers = readers.map((reader) => this.tail(reader));
  }

  static async open(log: Log, topic: string, partitions: number): Promise<ClaimsWatch> {
    const readers: LogReader[] = [];
    for (let partition = 0; partition < partitions; partition += 1) {
      const { stableEnd } = await log.offsets(topic, partition);
      readers.push(log.reader(topic, partition, stableEnd));
    }
    return new ClaimsWatch(readers);
  }

  of(partition: number): Claims {
    return this.seen[partition] ?? UNCLAIMED;
  }

  async close(): Promise<void> {
    this.stopping.abort();
    await Promise.all(this.readers);
  }

  private async tail(reader: LogReader): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      const { records } = await reader.poll(LIMITS);
      const nowMs = systemClock.monotonic();
      for (const record of records) this.note(record, nowMs);
      if (records.length === 0) await reader.more(signal);
    }
    reader.close();
  }

  private note({ partition, key }: LogRecord, nowMs: number): void {
    const name = key?.toString();
    const known = this.of(partition);
    if (name === CLAIM_KEY) {
      this.seen[partition] = {
        ...{ count: known.count + 1, claimedMs: nowMs, committedMs: undefined },
      };
    } else if (name === COMMIT_KEY && known.committedMs === undefined) {
      this.seen[partition] = { ...known, committedMs: nowMs };
    }
  }
}
