import { EventStream, type EventStreamOptions } from './event-stream.ts';
import { HttpFailure } from './failures.ts';

const RETRY_AFTER_SECONDS = 5;

/** All clients of `/events`: a bounded number of them, each with a heartbeat now and then. */
export class EventStreams {
  private readonly countMax: number;
  private readonly open = new Set<EventStream>();
  private readonly timer: NodeJS.Timeout;

  constructor(countMax: number, heartbeatMs: number) {
    this.countMax = countMax;
    this.timer = setInterval(() => {
      for (const stream of this.open) stream.heartbeat();
    }, heartbeatMs);
    this.timer.unref();
  }

  /** Throws before anything is sent when there are too many already. */
  refuseTooMany(): void {
    if (this.open.size < this.countMax) return;
    throw new HttpFailure(
      { status: 503, code: 'OVERLOADED', retryAfter: RETRY_AFTER_SECONDS },
      `${this.countMax} clients listen already: limits.httpStreamsMax`,
    );
  }

  /** Resolves once what was missed has been sent. */
  async add(options: EventStreamOptions): Promise<void> {
    const stream = new EventStream(options);
    this.open.add(stream);
    options.to.once('close', () => {
      stream.close();
      this.open.delete(stream);
    });
    try {
      await stream.start();
    } catch (error) {
      stream.close();
      throw error;
    }
  }

  close(): void {
    clearInterval(this.timer);
    for (const stream of this.open) stream.close();
  }
}
