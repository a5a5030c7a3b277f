import { setTimeout as wait } from 'node:timers/promises';
import type { Clock } from '../../core/clock.ts';
import { groupBy } from './group-by.ts';
import type { KafkaCluster } from './cluster.ts';
import type { Offset } from '../offset.ts';
import type { FetchAnswer, FetchPosition } from './fetch-protocol.ts';
import { awaitRecords } from './requests.ts';

/**
 * How long a request waits while records come now and then: who begins to wait meanwhile is taken
 * along by the next one.
 */
const BUSY_WAIT_MS = 50;
/**
 * And once nothing has come for a while. Everyone is taken along by then, but for a task that was
 * at work all the time: records that follow it may be so late, once.
 */
const QUIET_WAIT_MS = 250;
const LOOKS_UNTIL_QUIET = 10;
const MAX_BYTES = 1 << 20;
const AFTER_FAILURE_MS = 200;
/** An answer that is so late may never come: readers then find out by themselves. */
const LATE_MS = 500;

/** A reader as far as it waits. */
export interface TailReader {
  readonly topic: string;
  readonly partition: number;
  /** Where the next fetch begins. */
  readonly position: Offset;
  /** Takes what was fetched from its position; true: something is there to be polled. */
  accept(answer: FetchAnswer, from: Offset): boolean;
}

/** What a request that is under way waits for, and until when its answer is due. */
interface Watch {
  readonly position: Offset;
  readonly dueMs: number;
}

/** Readers at the end of their partitions: one request a broker waits for all of them. */
export class Tails {
  private readonly cluster: KafkaCluster;
  private readonly clock: Clock;
  private readonly watched = new Map<TailReader, Watch>();
  private readonly waiting = new Map<TailReader, () => void>();
  private isRunning = false;
  private isClosed = false;
  /** Requests that brought nothing, one after the other. */
  private looksInVain = 0;

  constructor(cluster: KafkaCluster, clock: Clock) {
    this.cluster = cluster;
    this.clock = clock;
  }

  /**
   * Whether a broker is about to say at once when there is more for this reader, and has it fetched
   * then: to ask as well would cost a request and bring nothing.
   */
  isWatching(reader: TailReader): boolean {
    const watch = this.watched.get(reader);
    return watch?.position === reader.position && this.clock.monotonic() < watch.dueMs;
  }

  /** Resolves when the reader has records, when something failed, or when the signal aborts. */
  async wait(reader: TailReader, signal: AbortSignal): Promise<void> {
    if (signal.aborted || this.isClosed) return;
    const woken = new Promise<void>((resolve) => {
      this.waiting.set(reader, resolve);
    });
    const stop = (): void => this.wake(reader);
    signal.addEventListener('abort', stop);
    if (!this.isRunning) void this.watch();
    await woken;
    signal.removeEventListener('abort', stop);
  }

  close(): void {
    this.isClosed = true;
    this.wakeAll();
  }

  /** As long as anyone waits. */
  private async watch(): Promise<void> {
    this.isRunning = true;
    while (this.waiting.size > 0) {
      try {
        await this.look();
      } catch {
        // Whoever polls now finds out what it is, and says so.
        this.wakeAll();
        await wait(AFTER_FAILURE_MS);
      }
    }
    this.isRunning = false;
  }

  private async look(): Promise<void> {
    const readers = groupBy([...this.waiting.keys()], ({ topic, partition }) =>
      this.cluster.leaderOf(topic, partition),
    );
    const found = await Promise.all(
      [...readers].map(async ([leader, some]) => this.lookAt(leader, some)),
    );
    this.looksInVain = found.includes(true) ? 0 : this.looksInVain + 1;
  }

  /** Whether anything came. */
  private async lookAt(leader: number, readers: readonly TailReader[]): Promise<boolean> {
    const broker = await this.cluster.broker(leader);
    const positions = readers.map(({ topic, partition, position }) => ({
      ...{ topic, partition },
      from: position,
    }));
    // The same partition at two positions needs two requests: the second comes with the next look.
    const asked = [
      ...groupBy(positions, (one) => `${one.topic}/${one.partition}`).values(),
    ].flatMap(([first]) => (first === undefined ? [] : [first]));
    const maxWaitMs = this.looksInVain < LOOKS_UNTIL_QUIET ? BUSY_WAIT_MS : QUIET_WAIT_MS;
    const request = { positions: asked, maxWaitMs, maxBytes: MAX_BYTES };
    const dueMs = this.clock.monotonic() + maxWaitMs + LATE_MS;
    const answers = await this.watching(readers, { asked, dueMs }, async () =>
      awaitRecords(broker, request),
    );
    let hasFound = false;
    for (const answer of answers) {
      const at = asked.find(
        ({ topic, partition }) => topic === answer.topic && partition === answer.partition,
      );
      for (const reader of readers) {
        const isOf = reader.topic === answer.topic && reader.partition === answer.partition;
        if (!isOf || at === undefined || !reader.accept(answer, at.from)) continue;
        this.wake(reader);
        hasFound = true;
      }
    }
    return hasFound;
  }

  private async watching<T>(
    readers: readonly TailReader[],
    { asked, dueMs }: { readonly asked: readonly FetchPosition[]; readonly dueMs: number },
    ask: () => Promise<T>,
  ): Promise<T> {
    for (const reader of readers) {
      const { topic, partition, position } = reader;
      const isAsked = asked.some(
        (one) => one.topic === topic && one.partition === partition && one.from === position,
      );
      if (isAsked) this.watched.set(reader, { position, dueMs });
    }
    try {
      return await ask();
    } finally {
      for (const reader of readers) this.watched.delete(reader);
    }
  }

  private wake(reader: TailReader): void {
    this.waiting.get(reader)?.();
    this.waiting.delete(reader);
  }

  private wakeAll(): void {
    for (const reader of [...this.waiting.keys()]) this.wake(reader);
  }
}
