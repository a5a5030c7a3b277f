import { setTimeout as timer } from 'node:timers/promises';
import { flightEvents, type FlightEvent, type FlightSpan } from '../../ingestion/flights.ts';
import type { Log, OutgoingRecord, TransactionalProducer } from '../../log/log.ts';
import { LIVE_FROM_MS } from './config.ts';
import type { DemoClock } from './demo-clock.ts';
import { feedPosition, positionAt, type FeedNames } from './feed-position.ts';
import { FlightCursor } from './flight-cursor.ts';

export interface FeedOptions extends FeedNames {
  readonly log: Log;
  readonly partitions: number;
  /** Started by the feed once the history is in. */
  readonly clock: DemoClock;
  readonly liveFromMs?: number;
  /** Flights that are appended and not ingested yet. */
  readonly lag: () => Promise<number>;
  /** The history runs so far ahead of ingest at most. */
  readonly lagMax?: number;
  readonly signal: AbortSignal;
  /** The event time that the history has come to. */
  readonly onHistory?: (eventTimeMs: number) => void;
  /** The history is in, and the clock runs. */
  readonly onLive?: () => void;
  readonly flights?: (span: FlightSpan) => AsyncIterable<readonly FlightEvent[]>;
  /** Real time; returns early when the feed is to stop. */
  readonly wait?: (ms: number, signal: AbortSignal) => Promise<void>;
}

export interface Fed {
  /** Flights in the topic, those of earlier runs included. */
  readonly appended: number;
  /** true: there are no more; false: the feed was stopped. */
  readonly isOver: boolean;
}

/** Small enough to stay in the log's memory until it is read. */
const LAG_MAX = 100_000;
const LAG_POLL_MS = 50;
/** Ingest has all but the batch that it works on. */
const LAG_LIVE_MAX = 4_000;
const LIVE_EVERY_MS = 100;
/** What a producer of 16 kB batches puts on one partition before it turns to the next. */
const EVENTS_PER_BLOCK_MAX = 160;

const waitUnlessStopped = async (ms: number, signal: AbortSignal): Promise<void> => {
  try {
    await timer(ms, undefined, { signal });
  } catch (error) {
    if (!signal.aborted) throw error;
  }
};

/** Appends flights without a key, block by block in turn over the partitions. */
class FlightAppender {
  readonly producer: TransactionalProducer;
  private readonly options: FeedOptions;
  private turn: number;
  appended: number;

  constructor(options: FeedOptions, producer: TransactionalProducer, appended: number) {
    this.options = options;
    this.producer = producer;
    this.appended = appended;
    this.turn = appended % options.partitions;
  }

  /** Flights and how many there are then, in one transaction: a kill loses and repeats none. */
  async append(flights: readonly FlightEvent[]): Promise<void> {
    if (flights.length === 0) return;
    const transaction = await this.producer.begin();
    const appended = this.appended + flights.length;
    await transaction.send(this.records(flights));
    await transaction.commitOffsets([positionAt(this.options, appended)]);
    await transaction.commit();
    this.appended = appended;
  }

  /** A few flights go to all partitions, so that none of them holds a period open at night. */
  private records(flights: readonly FlightEvent[]): readonly OutgoingRecord[] {
    const { topic, partitions } = this.options;
    const size = Math.min(Math.ceil(flights.length / partitions), EVENTS_PER_BLOCK_MAX);
    const records = flights.map(({ json }, index) => ({
      topic,
      partition: (this.turn + Math.floor(index / size)) % partitions,
      key: null,
      value: Buffer.from(json),
    }));
    this.turn = (this.turn + Math.ceil(flights.length / size)) % partitions;
    return records;
  }
}

/** One run of the feed: the history as fast as it is ingested, then by the clock. */
class FlightFeed {
  private readonly options: FeedOptions;
  private readonly appender: FlightAppender;
  private readonly cursor: FlightCursor;

  constructor(options: FeedOptions, appender: FlightAppender, cursor: FlightCursor) {
    this.options = options;
    this.appender = appender;
    this.cursor = cursor;
  }

  /** true: there are no more flights. */
  async run(): Promise<boolean> {
    const { clock, signal, onLive } = this.options;
    if (await this.history()) return true;
    await this.lagBelow(LAG_LIVE_MAX);
    if (signal.aborted) return false;
    clock.start();
    onLive?.();
    return this.live();
  }

  private async history(): Promise<boolean> {
    const { signal, liveFromMs = LIVE_FROM_MS, lagMax = LAG_MAX, onHistory } = this.options;
    while (!signal.aborted) {
      const flights = await this.cursor.take(liveFromMs);
      if (flights === undefined) return true;
      const last = flights.at(-1);
      if (last === undefined) return false;
      await this.lagBelow(lagMax);
      await this.appender.append(flights);
      onHistory?.(last.eventTimeMs);
    }
    return false;
  }

  private async live(): Promise<boolean> {
    const { clock, signal } = this.options;
    while (!signal.aborted) {
      // Flights of this very instant have departed.
      if (await this.appendBefore(clock.now() + 1)) return true;
      await this.wait(LIVE_EVERY_MS);
    }
    return false;
  }

  /** All that is due, in as many transactions as it takes; true: there are no more flights. */
  private async appendBefore(timeMs: number): Promise<boolean> {
    for (;;) {
      const flights = await this.cursor.take(timeMs);
      if (flights === undefined) return true;
      if (flights.length === 0 || this.options.signal.aborted) return false;
      await this.appender.append(flights);
    }
  }

  private async lagBelow(max: number): Promise<void> {
    const { lag, signal } = this.options;
    while (!signal.aborted && (await lag()) > max) await this.wait(LAG_POLL_MS);
  }

  private wait(ms: number): Promise<void> {
    const { wait = waitUnlessStopped, signal } = this.options;
    return wait(ms, signal);
  }
}

/**
 * Appends real departures to a raw topic until the signal aborts or there are no more, from where
 * the last run ended: each flight once, however often it is killed.
 */
export const feedFlights = async (options: FeedOptions): Promise<Fed> => {
  const { log, application, topic, partitions, flights = flightEvents } = options;
  await log.ensureTopics([{ name: topic, partitions, cleanup: 'delete' }]);
  // Before the position is read: a feed that still ran elsewhere is fenced by it.
  const producer = await log.producer(`${application}.demo.feed`);
  const appended = await feedPosition(log, options);
  const appender = new FlightAppender(options, producer, appended);
  const cursor = new FlightCursor(flights({ skip: appended }));
  try {
    const isOver = await new FlightFeed(options, appender, cursor).run();
    return { appended: appender.appended, isOver };
  } finally {
    await cursor.close();
    await producer.close();
  }
};
