import { setTimeout as wait } from 'node:timers/promises';
import { groupBy } from './group-by.ts';
import type { KafkaCluster } from './cluster.ts';
import type { Offset } from '../offset.ts';
import type { FetchAnswer } from './fetch-protocol.ts';
import { awaitRecords } from './requests.ts';

/** Who begins to wait while others do is taken along by the next request. */
const MAX_WAIT_MS = 50;
const MAX_BYTES = 1 << 20;
const AFTER_FAILURE_MS = 200;

/** A reader as far as it waits. */
export interface TailReader {
  readonly topic: string;
  readonly partition: number;
  /** Where the next fetch begins. */
  readonly position: Offset;
  /** Takes what was fetched from its position; true: something is there to be polled. */
  accept(answer: FetchAnswer, from: Offset): boolean;
}

/** Readers at the end of their partitions: one request a broker waits for all of them. */
export class Tails {
  private readonly cluster: KafkaCluster;
  private readonly waiting = new Map<TailReader, () => void>();
  private isWatching = false;
  private isClosed = false;

  constructor(cluster: KafkaCluster) {
    this.cluster = cluster;
  }

  /** Resolves when the reader has records, when something failed, or when the signal aborts. */
  async wait(reader: TailReader, signal: AbortSignal): Promise<void> {
    if (signal.aborted || this.isClosed) return;
    const woken = new Promise<void>((resolve) => {
      this.waiting.set(reader, resolve);
    });
    const stop = (): void => this.wake(reader);
    signal.addEventListener('abort', stop);
    if (!this.isWatching) void this.watch();
    await woken;
    signal.removeEventListener('abort', stop);
  }

  close(): void {
    this.isClosed = true;
    this.wakeAll();
  }

  /** As long as anyone waits. */
  private async watch(): Promise<void> {
    this.isWatching = true;
    while (this.waiting.size > 0) {
      try {
        await this.look();
      } catch {
        // Whoever polls now finds out what it is, and says so.
        this.wakeAll();
        await wait(AFTER_FAILURE_MS);
      }
    }
    this.isWatching = false;
  }

  private async look(): Promise<void> {
    const readers = groupBy([...this.waiting.keys()], ({ topic, partition }) =>
      this.cluster.leaderOf(topic, partition),
    );
    await Promise.all([...readers].map(async ([leader, some]) => this.lookAt(leader, some)));
  }

  private async lookAt(leader: number, readers: readonly TailReader[]): Promise<void> {
    const broker = await this.cluster.broker(leader);
    const positions = readers.map(({ topic, partition, position }) => ({
      ...{ topic, partition },
      from: position,
    }));
    // The same partition at two positions needs two requests: the second comes with the next look.
    const asked = [
      ...groupBy(positions, (one) => `${one.topic}/${one.partition}`).values(),
    ].flatMap(([first]) => (first === undefined ? [] : [first]));
    const answers = await awaitRecords(broker, {
      positions: asked,
      maxWaitMs: MAX_WAIT_MS,
      maxBytes: MAX_BYTES,
    });
    for (const answer of answers) {
      const at = asked.find(
        ({ topic, partition }) => topic === answer.topic && partition === answer.partition,
      );
      for (const reader of readers) {
        const isOf = reader.topic === answer.topic && reader.partition === answer.partition;
        if (isOf && at !== undefined && reader.accept(answer, at.from)) this.wake(reader);
      }
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
