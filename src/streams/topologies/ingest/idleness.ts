import type { PolledSources } from '../../batch.ts';

/** When a raw partition without news stops holding the watermark back. */
export interface IdlePolicy {
  /** Silence after which a partition counts as idle, ms of the configured clock. */
  readonly idleAfterMs: number;
  /**
   * true: the run ends where this partition has come to, so that nothing more of it is read and it
   * is idle at once. `next`: the first of its offsets that was not read yet.
   */
  readonly isEnding: (partition: number, next: number) => boolean;
}

/**
 * Remembers when a partition last had an event; kept in memory only, since a restart is news of its
 * own.
 */
export class Idleness {
  private readonly idleAfterMs: number;
  private sinceMs: number | undefined;

  constructor({ idleAfterMs }: IdlePolicy) {
    this.idleAfterMs = idleAfterMs;
  }

  /** Whether the partition has become idle, by what this poll brought: so many events. */
  isOver({ atEnd }: PolledSources, events: number, nowMs: number): boolean {
    if (events > 0 || this.sinceMs === undefined) this.sinceMs = nowMs;
    return events === 0 && atEnd && nowMs - this.sinceMs >= this.idleAfterMs;
  }
}
