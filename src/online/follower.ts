import { setMaxListeners } from 'node:events';
import { abortedBy } from '../core/aborted-by.ts';
import { turnOfOthers } from '../core/turn-of-others.ts';
import type { Clock } from '../core/clock.ts';
import { TidecastError } from '../core/errors.ts';
import type { Log, LogReader, LogRecord, PollLimits } from '../log/log.ts';
import { isReplayMarker } from '../streams/replay-marker.ts';
import { after, offset, type Offset } from '../log/offset.ts';
import type { FollowedRecord } from './followed.ts';
import type { FollowedTopic } from './followed-topics.ts';

/** A few hundred records are read at once: less than a slice takes to apply. */
const POLL: PollLimits = { maxRecords: 500, maxBytes: 1 << 20 };
/** How long the event loop is held: the engine and the API run on the same one. */
const SLICE_MS = 8;
/** How many records are applied between two looks at the clock. */
const LOOK_EVERY = 16;
const BACKOFF_MS = 1_000;

/** One partition that is followed. */
export interface Lane {
  readonly followed: FollowedTopic;
  readonly partition: number;
  /** Everything before it has been applied. */
  readonly next: Offset;
}

export interface FollowerOptions {
  readonly log: Log;
  readonly topics: readonly FollowedTopic[];
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Where to begin, as `positionsOf` gave it; absent: the first record that is left. */
  readonly positions: ReadonlyMap<string, number>;
  /** Called in the order of each partition, with the lane's `next` already after the record. */
  readonly apply: (record: FollowedRecord) => void;
  /** Called in the same order, where a partition begins again. */
  readonly onReplay?: (
    topic: FollowedTopic,
    place: Pick<LogRecord, 'partition' | 'offset'>,
  ) => void;
}

export const laneName = (topic: string, partition: number): string => `${topic}/${partition}`;

class ReadLane implements Lane {
  readonly followed: FollowedTopic;
  readonly partition: number;
  next: Offset;
  readonly reader: LogReader;

  constructor(log: Log, { followed, partition, next }: Lane) {
    this.followed = followed;
    this.partition = partition;
    this.next = next;
    this.reader = log.reader(followed.topic, partition, next);
  }
}

/** A pause that an abort ends. */
const pause = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const ended = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', ended);
      resolve();
    };
    const timer = setTimeout(ended, BACKOFF_MS);
    signal.addEventListener('abort', ended);
  });

const isRetriable = (error: unknown): boolean => error instanceof TidecastError && error.retriable;

const isGone = (error: unknown): boolean =>
  error instanceof TidecastError && error.code === 'LOG_OFFSET_OUT_OF_RANGE';

/** Reads followed topics to their ends and on, in turns that are too short to be noticed. */
export class Follower {
  private readonly options: FollowerOptions;
  private readonly read: readonly ReadLane[];
  private caughtUp = false;
  private sliceFromMs = 0;
  /** Ends the present wait for more. */
  private waiting: AbortController | undefined;

  constructor(options: FollowerOptions, lanes: readonly Lane[]) {
    this.options = options;
    this.read = lanes.map((lane) => new ReadLane(options.log, lane));
  }

  get lanes(): readonly Lane[] {
    return this.read;
  }

  /** Whether the end of every topic has been reached since the start. */
  get isCaughtUp(): boolean {
    return this.caughtUp;
  }

  /** Where to go on, by lane; true for what has been applied so far. */
  get positions(): ReadonlyMap<string, number> {
    return new Map(
      this.read.map(({ followed, partition, next }) => [laneName(followed.topic, partition), next]),
    );
  }

  /**
   * Has it look at once whether it is at the ends: a log says only of records that there are more,
   * and what lies behind the last one may be the mark of a transaction.
   */
  wake(): void {
    this.waiting?.abort();
  }

  /** Runs until the signal aborts; rejects with what another try cannot mend. */
  async run(): Promise<void> {
    const { signal } = this.options;
    try {
      while (!signal.aborted) await this.round();
    } finally {
      for (const { reader } of this.read) reader.close();
    }
  }

  private async round(): Promise<void> {
    try {
      let count = 0;
      for (const lane of this.read) count += await this.advance(lane);
      if (count > 0) return;
      this.caughtUp = true;
      await this.more();
    } catch (error) {
      if (this.options.signal.aborted) return;
      if (!isRetriable(error)) throw error;
      // What was read and not applied is read again.
      for (const { reader, next } of this.read) reader.seek(next);
      await pause(this.options.signal);
    }
  }

  private async advance(lane: ReadLane): Promise<number> {
    if (this.options.signal.aborted) return 0;
    const { records, next } = await this.poll(lane);
    if (records.length > 0) {
      await lane.followed.learn(records);
      await turnOfOthers();
      await this.applyAll(lane, records);
    }
    lane.next = next;
    return records.length;
  }

  private async poll(lane: ReadLane): ReturnType<LogReader['poll']> {
    try {
      return await lane.reader.poll(POLL);
    } catch (error) {
      if (!isGone(error)) throw error;
      // Retention overtook the view, which can do without what nobody else has any more.
      const { start } = await this.options.log.offsets(lane.followed.topic, lane.partition);
      lane.reader.seek(start);
      return { records: [], next: start };
    }
  }

  private async applyAll(lane: ReadLane, records: readonly LogRecord[]): Promise<void> {
    const { clock, apply, onReplay } = this.options;
    this.sliceFromMs = clock.monotonic();
    for (const [at, record] of records.entries()) {
      if (at % LOOK_EVERY === 0 && clock.monotonic() - this.sliceFromMs > SLICE_MS) {
        await turnOfOthers();
        this.sliceFromMs = clock.monotonic();
      }
      const followed = lane.followed.read(record);
      lane.next = after(record.offset);
      if (followed !== undefined) apply(followed);
      else if (isReplayMarker(record)) onReplay?.(lane.followed, record);
    }
  }

  private async more(): Promise<void> {
    const settled = abortedBy(this.options.signal);
    // Every lane waits by the same signal: that many listeners are no leak.
    setMaxListeners(this.read.length + 1, settled.signal);
    this.waiting = settled;
    try {
      await Promise.race(this.read.map(({ reader }) => reader.more(settled.signal)));
    } finally {
      settled.abort();
    }
  }
}

/** Opens all partitions of the topics at the given positions. They must exist. */
export const openFollower = async (options: FollowerOptions): Promise<Follower> => {
  const { log, topics, positions } = options;
  const states = await log.offsetsOf(topics.map(({ topic }) => topic));
  const lanes = topics.flatMap((followed): readonly Lane[] => {
    const state = states.find(({ topic }) => topic === followed.topic);
    return (state?.offsets ?? []).map(({ start }, partition) => {
      const kept = positions.get(laneName(followed.topic, partition)) ?? 0;
      return { followed, partition, next: offset(Math.max(kept, start)) };
    });
  });
  return new Follower(options, lanes);
};
