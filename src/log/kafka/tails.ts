import { setTimeout as wait } from 'node:timers/promises';
import type { Clock } from '../../core/clock.ts';
import { groupBy } from './group-by.ts';
import type { KafkaCluster } from './cluster.ts';
import type { Offset } from '../offset.ts';
import type { FetchAnswer } from './fetch-protocol.ts';
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

/** Partitions that nobody leads have it, and such that are not known. */
const NOBODY = -1;

const placeOf = ({ topic, partition }: Pick<TailReader, 'topic' | 'partition'>): string =>
  `${topic}/${partition}`;

/** What a request that is under way waits for, and until when its answer is due. */
interface Watch {
  readonly position: Offset;
  readonly dueMs: number;
}

/** What readers at their ends need of the connections to brokers. */
export type TailCluster = Pick<KafkaCluster, 'topics' | 'broker'>;

/**
 * Readers at the end of their partitions: one request a broker waits for all of them. Each broker
 * is asked by itself, so that a slow one holds up nobody but those who wait for it.
 */
export class Tails {
  private readonly cluster: TailCluster;
  private readonly clock: Clock;
  private readonly watched = new Map<TailReader, Watch>();
  private readonly waiting = new Map<TailReader, () => void>();
  /** Brokers that are being asked. */
  private readonly asked = new Set<number>();
  private isClosed = false;

  constructor(cluster: TailCluster, clock: Clock) {
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
    this.watchFor(reader);
    await woken;
    signal.removeEventListener('abort', stop);
  }

  close(): void {
    this.isClosed = true;
    this.wakeAll();
  }

  private leaderOf({ topic, partition }: TailReader): number {
    return this.cluster.topics.get(topic)?.[partition] ?? NOBODY;
  }

  private watchFor(reader: TailReader): void {
    const leader = this.leaderOf(reader);
    // Who polls finds out what has become of its partition.
    if (leader < 0) this.wake(reader);
    else if (!this.asked.has(leader)) void this.watch(leader);
  }

  /** As long as anyone waits for this broker. */
  private async watch(leader: number): Promise<void> {
    this.asked.add(leader);
    // Requests that brought nothing, one after the other.
    let looksInVain = 0;
    for (;;) {
      const readers = [...this.waiting.keys()].filter((one) => this.leaderOf(one) === leader);
      if (readers.length === 0) break;
      try {
        const maxWaitMs = looksInVain < LOOKS_UNTIL_QUIET ? BUSY_WAIT_MS : QUIET_WAIT_MS;
        const hasFound = await this.lookAt(leader, readers, maxWaitMs);
        looksInVain = hasFound ? 0 : looksInVain + 1;
      } catch {
        // Whoever polls now finds out what it is, and says so.
        for (const reader of readers) this.wake(reader);
        await wait(AFTER_FAILURE_MS);
      }
      // Some may have another leader by now.
      for (const reader of this.waiting.keys()) this.watchFor(reader);
    }
    this.asked.delete(leader);
  }

  /** Whether anything came. */
  private async lookAt(
    leader: number,
    readers: readonly TailReader[],
    maxWaitMs: number,
  ): Promise<boolean> {
    const broker = await this.cluster.broker(leader);
    const byPlace = groupBy(readers, placeOf);
    // The same partition at two positions needs two requests: the second comes with the next look.
    const positions = new Map(
      [...byPlace].flatMap(([place, [first]]) => {
        if (first === undefined) return [];
        const { topic, partition, position: from } = first;
        return [[place, { topic, partition, from }] as const];
      }),
    );
    const request = { positions: [...positions.values()], maxWaitMs, maxBytes: MAX_BYTES };
    const dueMs = this.clock.monotonic() + maxWaitMs + LATE_MS;
    for (const reader of readers) {
      const { position } = reader;
      const isAsked = positions.get(placeOf(reader))?.from === position;
      if (isAsked) this.watched.set(reader, { position, dueMs });
    }
    const answers = await awaitRecords(broker, request).finally(() => {
      for (const reader of readers) this.watched.delete(reader);
    });
    let hasFound = false;
    for (const answer of answers) {
      const place = placeOf(answer);
      const from = positions.get(place)?.from;
      for (const reader of byPlace.get(place) ?? []) {
        if (from === undefined || !reader.accept(answer, from)) continue;
        this.wake(reader);
        hasFound = true;
      }
    }
    return hasFound;
  }

  private wake(reader: TailReader): void {
    this.waiting.get(reader)?.();
    this.waiting.delete(reader);
  }

  private wakeAll(): void {
    for (const reader of [...this.waiting.keys()]) this.wake(reader);
  }
}
