/**
 * RESTORING → RUNNING → CLOSED, with BACKING_OFF between lives and HALTED when trying again is no
 * use.
 */
export type TaskPhase = 'RESTORING' | 'RUNNING' | 'BACKING_OFF' | 'HALTED' | 'CLOSED';

export interface SourceStatus {
  readonly topic: string;
  readonly partition: number;
  readonly next: number;
}

/** What is known of a task from outside, for health, lag and for knowing when a run is done. */
export interface TaskStatus {
  readonly topology: string;
  readonly stream: string;
  readonly partition: number;
  state: TaskPhase;
  /** Commits since this process started. */
  commits: number;
  /** true: the last poll came back empty, and nothing was left to do. */
  isDrained: boolean;
  positions: readonly SourceStatus[];
  /** Least watermark of the sources, epoch ms; -Infinity before all have spoken. */
  watermark: number;
  stateBytes: number;
  /** Records that are committed at its sources, and not yet by it; undefined: not known yet. */
  lagRecords: number | undefined;
  /**
   * When it last committed what it had read, or the log said that there was nothing; monotonic
   * clock. It outlives failures, so that a task which is revived for ever is seen to stand still.
   */
  progressAtMs: number | undefined;
  /** Changelog offsets that a restore has yet to read; undefined: it has not begun. */
  restoreRemaining: number | undefined;
  error: string | undefined;
}

export const newStatus = (topology: string, stream: string, partition: number): TaskStatus => ({
  topology,
  stream,
  partition,
  state: 'RESTORING',
  commits: 0,
  isDrained: false,
  positions: [],
  watermark: -Infinity,
  stateBytes: 0,
  lagRecords: undefined,
  progressAtMs: undefined,
  restoreRemaining: undefined,
  error: undefined,
});

/** Another worker has the partition now: whatever comes of it is told there. */
export const letGo = (status: TaskStatus): void => {
  status.state = 'CLOSED';
  status.progressAtMs = undefined;
};
