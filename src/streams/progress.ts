import { exhaustMap, ignoreElements, tap, timer, type Observable } from 'rxjs';
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
    const records = end === undefined ? undefined : Math.max(0, end - next);
    const { stream, topology } = status;
    metrics.lag({ stream, topology, topic, partition, records });
    if (records !== undefined) lag = (lag ?? 0) + records;
  }
  status.lagRecords = lag;
};

/**
 * Nothing to do is as good as a commit. The ends are those of open transactions too: what waits for
 * one is held up, though nobody can say yet whether it holds anything.
 */
const noteIdle = (status: TaskStatus, ends: Ends, atMs: number): void => {
  if (status.state !== 'RUNNING' || !status.isDrained) return;
  const hasAll = status.positions.every(({ topic, partition, next }) => {
    const end = ends.get(topic)?.[partition]?.end;
    return end !== undefined && next >= end;
  });
  if (hasAll) status.progressAtMs = atMs;
};

const tellPlace = ({ metrics, clock }: ProgressOptions, status: TaskStatus): void => {
  const { stream, topology, partition, state, watermark, progressAtMs } = status;
  const place = { stream, topology, partition };
  if (state === 'CLOSED') {
    // Another worker has it now, and tells of it.
    status.lagRecords = undefined;
    metrics.gone({ ...place, positions: status.positions });
    return;
  }
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

/** Tells how far each task of this process has come, as far as it knows without the log. */
export const tellPlaces = (options: ProgressOptions): void => {
  tellStates(options);
  for (const status of options.tasks()) tellPlace(options, status);
};

const NO_ENDS: Ends = new Map();

/** undefined: the log does not say. */
const endsOf = async (
  log: ProgressOptions['log'],
  topologies: readonly Topology[],
): Promise<Ends | undefined> => {
  const sources = new Set(topologies.flatMap((one) => one.sources.map(({ topic }) => topic)));
  try {
    const found = await log.offsetsOf([...sources]);
    return new Map(found.map(({ topic, offsets }) => [topic, offsets]));
  } catch {
    // When the log is gone the tasks say so themselves.
    return undefined;
  }
};

const tellEndsOf = async (options: ProgressOptions, stream: string): Promise<void> => {
  const { log, clock, tasks, metrics } = options;
  const topologies = options.topologies.filter((one) => one.stream === stream);
  const askedMs = clock.monotonic();
  // Without them nothing is told of lag: one from before would look like one of now.
  const ends = (await endsOf(log, topologies)) ?? NO_ENDS;
  for (const status of tasks()) {
    if (status.stream !== stream || status.state === 'CLOSED') continue;
    tellLag(metrics, status, ends);
    noteIdle(status, ends, askedMs);
  }
  for (const topology of topologies) tellSurplus(metrics, topology, ends);
};

/**
 * Tells how far tasks are from the ends of their sources, and what nobody reads. Each stream asks
 * for its own: of a topic that one may not see the others hear nothing.
 */
export const tellEnds = async (options: ProgressOptions): Promise<void> => {
  const streams = new Set(options.topologies.map(({ stream }) => stream));
  await Promise.all([...streams].map((stream) => tellEndsOf(options, stream)));
};

/**
 * Tells it again and again, beside the tasks. What is known here is told at each turn, also while
 * the log lets one wait for its ends.
 */
export const observeProgress = (options: ProgressOptions): Observable<never> =>
  timer(options.everyMs, options.everyMs).pipe(
    tap(() => tellPlaces(options)),
    exhaustMap(() => tellEnds(options)),
    ignoreElements(),
  );
