import type { Clock } from '../core/clock.ts';
import { SECOND_MS } from '../core/duration.ts';
import type { Log } from '../log/log.ts';
import { laneName } from './follower.ts';

export interface ViewProgressOptions {
  readonly log: Pick<Log, 'offsetsOf'>;
  readonly clock: Clock;
  readonly topics: readonly string[];
  /** Up to where the view has followed, by lane. */
  readonly positions: () => ReadonlyMap<string, number>;
  /** Asks the view to look where it is: it is not at the ends, and perhaps does not know. */
  readonly wake: () => void;
  /** Told once each time that it comes to be held up. */
  readonly onHeldUp?: ((reason: string) => void) | undefined;
}

/** A view that is at the ends of its topics is looked at so often. */
const LOOK_EVERY_MS = 5_000;
/** Leaders move in a few seconds; after so long, whoever asks had better ask another. */
const HELD_UP_MAX_MS = 30_000;

/**
 * Whether the view still follows. The log is asked, beside the follower: one that waits for records
 * hears nothing, whether there are none or the log is gone.
 */
export class ViewProgress {
  private readonly options: ViewProgressOptions;
  private lag: number | undefined;
  /** When it was last at the ends of its topics, or came nearer; monotonic clock. */
  private currentAtMs: number;
  private reached = 0;
  private isTold = false;
  private isLooking = false;

  constructor(options: ViewProgressOptions) {
    this.options = options;
    this.currentAtMs = options.clock.monotonic();
  }

  /** Committed records that are not in the view yet; undefined: the log does not say. */
  get lagRecords(): number | undefined {
    return this.lag;
  }

  /** How long ago it was at the ends of its topics, or came nearer. */
  get ageMs(): number {
    return this.options.clock.monotonic() - this.currentAtMs;
  }

  /** Why nobody should ask it; undefined: it follows. */
  get reason(): string | undefined {
    if (this.ageMs <= HELD_UP_MAX_MS) return undefined;
    const why = this.lag === undefined ? 'the log does not answer' : `${this.lag} offsets remain`;
    return `the view has not come on for ${Math.round(this.ageMs / SECOND_MS)} s: ${why}`;
  }

  /** Looks again and again, until what it returns is called. */
  watch(): () => void {
    const timer = setInterval(() => void this.look(), LOOK_EVERY_MS);
    timer.unref();
    return () => clearInterval(timer);
  }

  async look(): Promise<void> {
    this.tell();
    if (this.isLooking) return;
    this.isLooking = true;
    this.lag = await this.lagNow();
    this.isLooking = false;
    const reached = [...this.options.positions().values()].reduce((sum, next) => sum + next, 0);
    if (this.lag !== undefined && (this.lag === 0 || reached > this.reached)) {
      this.currentAtMs = this.options.clock.monotonic();
      this.isTold = false;
    }
    this.reached = reached;
    if (this.lag !== 0) this.options.wake();
  }

  private tell(): void {
    const { reason } = this;
    if (reason === undefined || this.isTold) return;
    this.isTold = true;
    this.options.onHeldUp?.(reason);
  }

  private async lagNow(): Promise<number | undefined> {
    const { log, topics, positions } = this.options;
    try {
      const found = await log.offsetsOf(topics);
      const lanes = found.flatMap(({ topic, offsets }) =>
        offsets.map(({ stableEnd }, partition) => ({
          name: laneName(topic, partition),
          stableEnd,
        })),
      );
      const followed = positions();
      return lanes.reduce((lag, { name, stableEnd }) => {
        const next = followed.get(name) ?? stableEnd;
        return lag + Math.max(0, stableEnd - next);
      }, 0);
    } catch {
      // It is the reason, as long as it lasts.
      return undefined;
    }
  }
}
