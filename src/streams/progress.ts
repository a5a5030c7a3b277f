import { catchError, defer, EMPTY, exhaustMap, ignoreElements, timer, type Observable } from 'rxjs';
import type { Clock } from '../core/clock.ts';
import type { Log, PartitionOffsets } from '../log/log.ts';
import type { TaskMetrics } from './metrics.ts';
import type { TaskPhase, TaskStatus } from './task-status.ts';
import { partitionedSources, type Topology } from './topology.ts';

export interface ProgressOptions {
  readonly log: Pick<Log, 'offsetsOf'>;
  readonly clock: Clock;
  readonly topologies: readonly Topology[];
  readonly tasks: () => readonly TaskStatus[];
  readonly metrics: TaskMetrics;
  readonly everyMs: number;
}

const STATES: readonly TaskPhase[] = ['RESTORING', 'RUNNING', 'BACKING_OFF', 'HALTED', 'CLOSED'];

type Ends = ReadonlyMap<string, readonly PartitionOffsets[]>;

/** What is committed at the sources and the task has not committed yet. */
const tellLag = (metrics: TaskMetrics, status: TaskStatus, ends: Ends): void => {
  let lag: number | undefined;
  for (const { topic, partition, next } of status.positions) {
    const end = ends.get(topic)?.[partition]?.stableEnd;
    if (end === undefined) continue;
    const records = Math.max(0, end - next);
    const { stream, topology } = status;
    metrics.lag({ stream, topology, topic, partition, records });
    lag = (lag ?? 0) + records;
  }
  status.lagRecords = lag;
};

const tellTask = ({ metrics, clock }: ProgressOptions, status: TaskStatus, ends: Ends): void => {
  const { stream, topology, partition, state, watermark, progressAtMs } = status;
  const place = { stream, topology, partition };
  if (state === 'CLOSED') {
    // Another worker has it now, and tells of it.
    status.lagRecords = undefined;
    metrics.gone({ ...place, positions: status.positions });
    return;
  }
  tellLag(metrics, status, ends);
  metrics.progress({
    ...place,
    watermarkLagMs: Number.isFinite(watermark) ? clock.now() - watermark : undefined,
    commitAgeMs: progressAtMs === undefined ? undefined : clock.monotonic() - progressAtMs,
    restoreRemaining: state === 'RUNNING' ? 0 : status.restoreRemaining,
  });
};

/** A source that has grown is read as far as there are tasks: more would need more state. */
const tellSurplus = (metrics: TaskMetrics, topology: Topology, ends: Ends): void => {
  for (const topic of partitionedSources(topology)) {
    const found = ends.get(topic)?.length;
    if (found === undefined) continue;
    const { stream, name, partitions } = topology;
    const surplus = Math.max(0, found - partitions);
    metrics.unassigned({ stream, topology: name, topic, partitions: surplus });
  }
};

const tellStates = ({ metrics, topologies, tasks }: ProgressOptions): void => {
  for (const { stream, name } of topologies) {
    const own = tasks().filter((one) => one.stream === stream && one.topology === name);
    for (const state of STATES) {
      const count = own.filter((one) => one.state === state).length;
      metrics.tasks({ stream, topology: name, state, count });
    }
  }
};

/** Tells how far each task of this process has come, and what nobody reads. */
export const tellProgress = async (options: ProgressOptions): Promise<void> => {
  const { log, topologies, tasks, metrics } = options;
  tellStates(options);
  const sources = new Set(topologies.flatMap((one) => one.sources.map(({ topic }) => topic)));
  const ends = new Map(
    (await log.offsetsOf([...sources])).map(({ topic, offsets }) => [topic, offsets]),
  );
  for (const status of tasks()) tellTask(options, status, ends);
  for (const topology of topologies) tellSurplus(metrics, topology, ends);
};

/**
 * Tells it again and again, beside the tasks: a log that cannot say where it ends must not stop
 * one.
 */
export const observeProgress = (options: ProgressOptions): Observable<never> =>
  timer(options.everyMs, options.everyMs).pipe(
    exhaustMap(() =>
      // Missing once, the figure grows stale; when the log is gone the tasks say so themselves.
      defer(() => tellProgress(options)).pipe(catchError(() => EMPTY)),
    ),
    ignoreElements(),
  );
