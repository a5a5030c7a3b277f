import type { Clock } from '../core/clock.ts';
import { messageOf } from '../core/errors.ts';
import type { StateSize, TaskMetrics, TaskPlace } from '../streams/metrics.ts';
import { StreamError } from '../streams/errors.ts';
import type { TaskContext } from '../streams/task-context.ts';
import { partitionedSources, type Topology } from '../streams/topology.ts';
import type { Logger } from './logger.ts';

/** A broken producer refuses thousands a second: a line in so long a time says how many. */
const DEAD_LETTER_LINE_MS = 10_000;

export interface TaskLogOptions {
  readonly metrics: TaskMetrics;
  readonly logger: Logger;
  readonly clock: Clock;
  /** What this process runs: their sources are named where a record is refused. */
  readonly topologies: readonly Topology[];
  readonly stateBudgetBytes: number;
}

/** Metrics of tasks that also say in the log what people should hear of. */
export interface TaskLog {
  readonly metrics: TaskMetrics;
  /** Of a task, and after which pause it goes on; undefined: it halts. */
  readonly onFailure: (
    error: unknown,
    task: Pick<TaskContext, 'topology' | 'partition'>,
    backoffMs: number | undefined,
  ) => void;
  /** Of a group that does not have this process, and is tried again. */
  readonly onGroupFailure: (error: unknown, group: string) => void;
  /** Says what has been counted and was not told yet. */
  close(): void;
}

interface Counted {
  readonly stream: string;
  readonly topic: string;
  readonly reason: string;
  count: number;
  /** By the monotonic clock. */
  toldAtMs: number;
  timer: NodeJS.Timeout | undefined;
}

/** Dead letters since the last line about them, by stream, topic and reason. */
class DeadLetterCounts {
  private readonly logger: Logger;
  private readonly clock: Clock;
  private readonly counts = new Map<string, Counted>();

  constructor({ logger, clock }: TaskLogOptions) {
    this.logger = logger;
    this.clock = clock;
  }

  add(letter: Pick<Counted, 'stream' | 'topic' | 'reason'>): void {
    const name = `${letter.stream}\n${letter.topic}\n${letter.reason}`;
    const counted = this.counts.get(name) ?? {
      ...letter,
      count: 0,
      toldAtMs: -Infinity,
      timer: undefined,
    };
    this.counts.set(name, counted);
    counted.count += 1;
    if (counted.timer !== undefined) return;
    const dueMs = counted.toldAtMs + DEAD_LETTER_LINE_MS - this.clock.monotonic();
    // At least a turn later, so that all of a batch are in one line.
    counted.timer = setTimeout(() => this.tell(counted), Math.max(0, dueMs));
    counted.timer.unref();
  }

  close(): void {
    for (const counted of this.counts.values()) {
      if (counted.timer !== undefined) this.tell(counted);
    }
  }

  private tell(counted: Counted): void {
    const { stream, topic, reason, count } = counted;
    clearTimeout(counted.timer);
    counted.timer = undefined;
    counted.count = 0;
    counted.toldAtMs = this.clock.monotonic();
    const records = count === 1 ? '1 record' : `${count} records`;
    this.logger.warn(`${records} of ${topic} refused as ${reason}: see \`tidecast dead-letters\``, {
      action: 'records-refused',
      labels: { stream, topic, reason, count },
    });
  }
}

/** Says once that the state of all tasks together has grown past its budget. */
class StateBudget {
  private readonly options: Pick<TaskLogOptions, 'logger' | 'stateBudgetBytes'>;
  private readonly bytes = new Map<string, number>();
  private sum = 0;
  private isTold = false;

  constructor(options: Pick<TaskLogOptions, 'logger' | 'stateBudgetBytes'>) {
    this.options = options;
  }

  /** Of a task that another worker has now: its memory is free again. */
  forget(task: TaskPlace): void {
    this.note({ ...task, bytes: 0 });
  }

  note({ stream, topology, partition, bytes }: StateSize): void {
    const task = `${stream}.${topology}.${partition}`;
    this.sum += bytes - (this.bytes.get(task) ?? 0);
    this.bytes.set(task, bytes);
    const { logger, stateBudgetBytes } = this.options;
    if (this.isTold || this.sum <= stateBudgetBytes) return;
    this.isTold = true;
    logger.warn(
      `state passes limits.stateBudgetBytes, ${stateBudgetBytes}: raise it if the machine ` +
        'has the memory, or follow fewer series here',
      { action: 'state-over-budget', labels: { bytes: this.sum } },
    );
  }
}

/** Says once of each source that it has grown. */
class GrownSources {
  private readonly logger: Logger;
  private readonly told = new Map<string, number>();

  constructor(logger: Logger) {
    this.logger = logger;
  }

  note({ stream, topology, topic, partitions }: Parameters<TaskMetrics['unassigned']>[0]): void {
    const name = `${stream}.${topology} ${topic}`;
    if (partitions === (this.told.get(name) ?? 0)) return;
    this.told.set(name, partitions);
    if (partitions === 0) return;
    const error = new StreamError(
      'TASK_SOURCE_PARTITIONS',
      `${topic} has ${partitions} more partitions than ${stream}.${topology} has tasks; what ` +
        'comes to them is read by nobody, and the next start is refused: see docs/operations.md',
    );
    this.logger.error(error.message, {
      action: 'source-grown',
      error,
      labels: { stream, topology, topic, partitions },
    });
  }
}

interface Failure {
  readonly error: unknown;
  readonly task: Pick<TaskContext, 'topology' | 'partition'>;
  readonly backoffMs: number | undefined;
}

const logFailure = (logger: Logger, { error, task, backoffMs }: Failure): void => {
  const { stream, name } = task.topology;
  const { partition } = task;
  const labels = { stream, topology: name, partition };
  const what = `${stream}.${name}.${partition} failed`;
  if (backoffMs === undefined) {
    logger.error(`${what} again and has halted`, { action: 'task-halted', error, labels });
    return;
  }
  logger.warn(`${what} and is revived in ${backoffMs} ms`, {
    action: 'task-failed',
    error,
    labels: { ...labels, backoffMs },
  });
};

const logGroupFailure = (logger: Logger, error: unknown, group: string): void => {
  const said = messageOf(error);
  logger.warn(`${said}; it is tried again`, {
    action: 'group-failed',
    error,
    labels: { group },
  });
};

/** Adds lines to metrics: of restores, of failures, and of dead letters by their number. */
export const taskLog = (options: TaskLogOptions): TaskLog => {
  const { metrics, logger, topologies } = options;
  const counts = new DeadLetterCounts(options);
  const budget = new StateBudget(options);
  const grown = new GrownSources(logger);
  const sources = new Map(
    topologies.map((topology) => [
      `${topology.stream}\n${topology.name}`,
      partitionedSources(topology).join(', '),
    ]),
  );
  return {
    metrics: {
      ...metrics,
      restored(restore) {
        metrics.restored(restore);
        const { stream, topology, partition, records, durationMs } = restore;
        logger.info(`${stream}.${topology}.${partition} has its partition and its state`, {
          action: 'task-acquired',
          labels: { stream, topology, partition, records, durationMs: Math.round(durationMs) },
        });
      },
      state(size) {
        metrics.state(size);
        budget.note(size);
      },
      gone(task) {
        metrics.gone(task);
        budget.forget(task);
      },
      unassigned(source) {
        metrics.unassigned(source);
        grown.note(source);
      },
      deadLettered(letter) {
        metrics.deadLettered(letter);
        const { stream, topology, reason } = letter;
        counts.add({ stream, topic: sources.get(`${stream}\n${topology}`) ?? topology, reason });
      },
    },
    onFailure: (error, task, backoffMs) => logFailure(logger, { error, task, backoffMs }),
    onGroupFailure: (error, group) => logGroupFailure(logger, error, group),
    close: () => counts.close(),
  };
};
