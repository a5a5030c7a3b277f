import type { Writable } from 'node:stream';
import type { Feed, Interest } from '../online/feed.ts';
import type { FollowedRecord } from '../online/followed.ts';
import type { Lane } from '../online/follower.ts';
import { offsetVector, type OffsetVector } from './offset-vector.ts';
import type { ServedStream } from './options.ts';
import { streamedEvent } from './served-events.ts';

/** What one client may leave unread: far more than a healthy one ever does. */
const UNREAD_BYTES_MAX = 1 << 20;
/** Events that are told again, and records read for them; who missed more asks for the present. */
const RESUMED_EVENTS_MAX = 10_000;
const RESUMED_RECORDS_MAX = 100_000;

export interface EventStreamOptions {
  readonly feed: Feed;
  readonly interest: Interest;
  readonly streams: readonly ServedStream[];
  readonly lastEventId: string | undefined;
  /** Where events go. Ended by the stream when the client is too slow. */
  readonly to: Writable;
}

/**
 * One client of `/events`. Each event's id says for every topic that could hold one where to go
 * on, so that a client that comes back misses nothing and hears nothing twice.
 */
export class EventStream {
  private readonly options: EventStreamOptions;
  private readonly lanes: readonly Lane[];
  private readonly vector: OffsetVector;
  private stop: () => void = () => undefined;
  private isClosed = false;
  private isStalled = false;

  constructor(options: EventStreamOptions) {
    this.options = options;
    this.lanes = options.feed.lanesOf(options.interest);
    this.vector = offsetVector(this.lanes);
  }

  /** Sends what was missed, then listens. */
  async start(): Promise<void> {
    const { lastEventId } = this.options;
    if (lastEventId !== undefined) await this.resume(this.vector.parse(lastEventId));
    if (this.isClosed) return;
    const { feed, interest } = this.options;
    this.stop = feed.listen(interest, (record) => this.send(record, this.present));
    // The first id is that of the present: who is cut off before any event comes back to here.
    this.write(`id: ${this.vector.encode(this.present)}\nevent: hello\ndata: {}\n\n`);
  }

  /** Shows the client that the connection lives; one that took nothing since the last is let go. */
  heartbeat(): void {
    const { to } = this.options;
    if (this.isClosed || (this.isStalled && to.writableNeedDrain)) {
      this.close();
      to.destroy();
      return;
    }
    this.isStalled = to.writableNeedDrain;
    this.write(': still here\n\n');
  }

  close(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.stop();
    this.options.to.end();
  }

  private get present(): readonly number[] {
    return this.lanes.map(({ next }) => next);
  }

  /** Reads the log from where the client was to where the feed is, until both are the same. */
  private async resume(from: readonly number[] | undefined): Promise<void> {
    if (from === undefined || !this.canResume(from)) {
      this.reset('the id is not of these topics, or too much came since');
      return;
    }
    const reached = [...from];
    let sent = 0;
    while (this.missed(reached) > 0 && !this.isClosed) {
      for (const at of this.lanes.keys()) sent += await this.resumeLane(reached, at);
      if (sent <= RESUMED_EVENTS_MAX) continue;
      this.reset('more came since than is told again');
      return;
    }
  }

  /** A log that ends before the id is another one. */
  private canResume(from: readonly number[]): boolean {
    const isAhead = this.lanes.some(({ next }, at) => (from[at] ?? 0) > next);
    return !isAhead && this.missed(from) <= RESUMED_RECORDS_MAX;
  }

  private async resumeLane(reached: number[], at: number): Promise<number> {
    const { feed, interest } = this.options;
    const lane = this.lanes[at];
    const from = reached[at];
    if (lane === undefined || from === undefined || from >= lane.next) return 0;
    const to = lane.next;
    let sent = 0;
    for await (const record of feed.again(lane, { from, to }, interest)) {
      if (this.isClosed || sent > RESUMED_EVENTS_MAX) break;
      reached[at] = record.place.offset + 1;
      this.send(record, reached);
      sent += 1;
      await this.drained();
    }
    reached[at] = to;
    return sent;
  }

  private missed(from: readonly number[]): number {
    let missed = 0;
    for (const [at, { next }] of this.lanes.entries()) missed += next - (from[at] ?? 0);
    return missed;
  }

  /** The client is to ask for everything anew. */
  private reset(reason: string): void {
    this.write(`event: reset\ndata: ${JSON.stringify({ reason })}\n\n`);
  }

  private send(record: FollowedRecord, next: readonly number[]): void {
    const event = streamedEvent(record, this.options.streams);
    if (event === undefined) return;
    const id = this.vector.encode(next);
    this.write(`id: ${id}\nevent: ${event.name}\ndata: ${JSON.stringify(event.data)}\n\n`);
  }

  private write(text: string): void {
    const { to } = this.options;
    if (this.isClosed || to.destroyed) return;
    if (to.writableLength > UNREAD_BYTES_MAX) {
      to.write(': too slow: come back with Last-Event-ID\n\n');
      this.close();
      return;
    }
    to.write(text);
  }

  private async drained(): Promise<void> {
    const { to } = this.options;
    if (!to.writableNeedDrain) return;
    await new Promise<void>((resolve) => {
      const settled = (): void => {
        to.off('drain', settled);
        to.off('close', settled);
        resolve();
      };
      to.on('drain', settled);
      to.on('close', settled);
    });
  }
}
