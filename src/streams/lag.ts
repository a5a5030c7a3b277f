import { catchError, defer, EMPTY, exhaustMap, ignoreElements, timer, type Observable } from 'rxjs';
import type { Log } from '../log/log.ts';
import type { TaskMetrics } from './metrics.ts';
import type { TaskStatus } from './task-status.ts';

export interface LagOptions {
  readonly log: Log;
  readonly tasks: () => readonly TaskStatus[];
  readonly metrics: TaskMetrics;
  readonly everyMs: number;
}

/** Tells how far each running task stands behind the stable end of each of its sources. */
export const tellLag = async ({ log, tasks, metrics }: LagOptions): Promise<void> => {
  const topics = new Map((await log.topics()).map((topic) => [topic.definition.name, topic]));
  for (const { topology, state, positions } of tasks()) {
    if (state !== 'RUNNING') continue;
    for (const { topic, partition, next } of positions) {
      const end = topics.get(topic)?.offsets[partition]?.stableEnd;
      if (end === undefined) continue;
      metrics.lag({ topology, topic, partition, records: Math.max(0, end - next) });
    }
  }
};

/**
 * Tells it again and again, beside the tasks: a log that cannot say where it ends must not stop
 * one.
 */
export const observeLag = (options: LagOptions): Observable<never> =>
  timer(options.everyMs, options.everyMs).pipe(
    exhaustMap(() =>
      // Missing once, the figure grows stale; when the log is gone the tasks say so themselves.
      defer(() => tellLag(options)).pipe(catchError(() => EMPTY)),
    ),
    ignoreElements(),
  );
