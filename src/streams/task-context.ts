import type { Clock } from '../core/clock.ts';
import type { Log } from '../log/log.ts';
import type { StoreFolder } from '../state/store.ts';
import type { ChangelogSerdes, TaskNames } from './changelog.ts';
import type { DeadLetterSink } from './dead-letter-sink.ts';
import type { TaskMetrics } from './metrics.ts';
import type { Topology } from './topology.ts';

/** Bounds of one task, each with the reason for its default in `DEFAULT_LIMITS`. */
export interface TaskLimits {
  readonly commitIntervalMs: number;
  readonly batchRecordsMax: number;
  readonly batchBytesMax: number;
  readonly flushIntervalMs: number;
  readonly flushPagesMax: number;
  readonly idlePollMs: number;
  readonly restoreRecordsMax: number;
  readonly backoffMsMin: number;
  readonly backoffMsMax: number;
  readonly lagIntervalMs: number;
}

export const DEFAULT_LIMITS: TaskLimits = {
  // What a reader waits for a result at most, against the cost of a transaction.
  commitIntervalMs: 100,
  // Where the cost of a transaction per record is below a tenth of a microsecond.
  batchRecordsMax: 4_000,
  // Far below what one transaction may hold on any log.
  batchBytesMax: 8 << 20,
  // A restart replays some of these, more where state is large; a block that changes often is
  // written once for all of it, and writing it costs the store more than all else costs the task.
  flushIntervalMs: 30_000,
  // Some milliseconds of a thread that others need, and 4 MB that the store copies at once.
  flushPagesMax: 1_000,
  // How late a decision that needs the wall clock may be.
  idlePollMs: 500,
  // Entries that pass through memory at once while state is rebuilt.
  restoreRecordsMax: 10_000,
  // Without a pause a failing task would claim its partition dozens of times a second.
  backoffMsMin: 100,
  backoffMsMax: 10_000,
  // As often as anybody scrapes it.
  lagIntervalMs: 1_000,
};

/** What every task of a worker shares. */
export interface WorkerContext {
  readonly application: string;
  /** Names this process in claims: fresh for each start. */
  readonly instance: string;
  readonly address: string;
  readonly log: Log;
  readonly stores: StoreFolder;
  readonly clock: Clock;
  readonly limits: TaskLimits;
  readonly metrics: TaskMetrics;
  readonly topicPrefix: string;
  /** Whether a renamed application may start over beside the offsets of its predecessor. */
  readonly adopt: boolean;
}

/** One task: a topology on one partition. */
export interface TaskContext extends WorkerContext {
  readonly topology: Topology;
  readonly names: TaskNames;
  readonly partition: number;
  readonly changelog: string;
  readonly serdes: ChangelogSerdes;
  readonly deadLetters: DeadLetterSink;
}

export const taskName = ({ topology, partition }: TaskContext): string =>
  `${topology.name}.${partition}`;
