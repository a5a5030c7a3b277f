import type { SourceOffset } from './forecast.ts';

/** A record that could not be used, kept whole so that it can be sent again. */
export interface DeadLetter {
  readonly origin: SourceOffset;
  readonly key: Buffer | null;
  /**
   * The original bytes; null for a tombstone, or when they were too large (then `detail` has sha256
   * and size).
   */
  readonly value: Buffer | null;
  /** A stable code. */
  readonly reason: string;
  /** What was wrong, for people. */
  readonly detail: string;
  readonly topology: string;
  /** The version of tidecast that refused it. */
  readonly version: string;
  /** How often it has been retried. */
  readonly attempts: number;
}
