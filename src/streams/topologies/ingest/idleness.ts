import type { Polled } from '../../batch.ts';

/** When a raw partition without news stops holding the watermark back. */
export interface IdlePolicy {
  /** Silence after which a partition counts as idle, ms of the configured clock. */
  readonly idleAfterMs: number;
  /** true: the run is to end, nothing more is read, and every partition is idle at once. */
  readonly isEnding: () => boolean;
}

/**
 * Remembers when a partition last had news; kept in memory only, since a restart is news of its
 * own.
 */
export class Silence {
  private readonly policy: IdlePolicy;
  private sinceMs: number | undefined;

  constructor(policy: IdlePolicy) {
    this.policy = policy;
  }

  /** Whether the partition has become idle, by what this poll brought. */
  isOver(polled: Polled, records: number, nowMs: number): boolean {
    if (records > 0 || this.sinceMs === undefined) this.sinceMs = nowMs;
    if (records > 0) return false;
    if (this.policy.isEnding()) return true;
    return polled.atEnd && nowMs - this.sinceMs >= this.policy.idleAfterMs;
  }
}
