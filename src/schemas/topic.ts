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
