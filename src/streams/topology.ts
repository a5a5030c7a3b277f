import type { OperatorFunction } from 'rxjs';
import type { TopicDefinition } from '../schemas/topic.ts';
import type { StoreDefinition, TaskState } from '../state/task-state.ts';
import type { Batch, PolledSources } from './batch.ts';
import type { DeadLetterSink } from './dead-letter-sink.ts';
import type { WatermarkVector } from './watermarks.ts';

export interface Source {
  readonly topic: string;
  /**
   * `partitioned`: the task's own partition number. `broadcast`: every partition, read by every
   * task.
   */
  readonly kind: 'partitioned' | 'broadcast';
}

/** What one task gives to its topology: everything that lives and dies with the task. */
export interface TaskScope {
  readonly stream: string;
  readonly partition: number;
  /** `<topology>.<partition>`: how decisions name it. */
  readonly task: string;
  readonly state: TaskState;
  /** Event-time progress of the task's inputs and of its own; saved in each commit record. */
  readonly watermarks: WatermarkVector;
  /** Puts a source record aside, in the transaction of its neighbours' results. */
  readonly deadLetters: DeadLetterSink;
  /**
   * Aborts when the task is to stop: long work (a training) then throws, and begins again with the
   * next owner.
   */
  readonly signal: AbortSignal;
}

export type Process = OperatorFunction<Batch<PolledSources>, Batch<unknown>>;

/** The processing half of one task: made anew whenever the task is revived. */
export interface TaskProgram {
  readonly process: Process;
  /**
   * true: the next batch is to come at once and without input, since work is left from this one.
   */
  readonly pending?: () => boolean;
  /** true: partitioned sources are not to be read now. */
  readonly paused?: () => boolean;
}

/** Data plus one function, so that it can be described, created on a log, and run by any worker. */
export interface Topology {
  /** `ingest`, `forecasting`, …: part of the group, the changelog and the transactional ids. */
  readonly name: string;
  readonly stream: string;
  readonly summary: string;
  readonly sources: readonly Source[];
  readonly stores: readonly StoreDefinition[];
  readonly sinks: readonly TopicDefinition[];
  /**
   * true: what it remembers is of models and requests, not of the data that a replay in place reads
   * again, which therefore leaves it as it is.
   */
  readonly outlivesReplay?: true;
  /**
   * What the periods are that its state numbers: tasks that numbered others never go on. None where
   * it is left out.
   */
  readonly frequency?: string;
  /** How many tasks there are: the partition count of every partitioned source. */
  readonly partitions: number;
  readonly start: (scope: TaskScope) => TaskProgram;
}

/** The topics of which each task reads its own partition alone. */
export const partitionedSources = ({ sources }: Topology): readonly string[] =>
  sources.filter(({ kind }) => kind === 'partitioned').map(({ topic }) => topic);
