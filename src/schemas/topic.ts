import { DAY_MS } from '../core/duration.ts';
/**
 * `delete` drops by age and bytes, `compact` keeps the last record of each key, `keep` drops
 * nothing.
 */
export type Cleanup = 'delete' | 'compact' | 'compact,delete' | 'keep';

export interface TopicDefinition {
  readonly name: string;
  readonly partitions: number;
  readonly cleanup: Cleanup;
  /** How long a deletable record is kept; absent: for ever. */
  readonly retentionMs?: number;
  /** How much a partition may hold; absent: no bound by size. */
  readonly retentionBytes?: number;
}

/**
 * For how long a compacted topic says that a key is gone. What was copied from it longer ago may
 * hold keys that are gone: logs and stores must agree on this.
 */
export const TOMBSTONE_RETENTION_MS = 7 * DAY_MS;
