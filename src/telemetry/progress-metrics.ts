import { Gauge, type Registry } from 'prom-client';
import { SECOND_MS } from '../core/duration.ts';
import type { TaskMetrics, TaskPlace } from '../streams/metrics.ts';

const TASK = ['stream', 'topology', 'partition'] as const;

const ofTasks = (registry: Registry) => ({
  lag: new Gauge({
    name: 'tidecast_consumer_lag',
    help: 'Committed records of a source partition that a topology has not committed yet.',
    labelNames: ['stream', 'topology', 'topic', 'partition'],
    registers: [registry],
  }),
  watermarkLag: new Gauge({
    name: 'tidecast_task_watermark_lag_seconds',
    help: 'From the event time up to which the sources of a task are complete to the present.',
    labelNames: TASK,
    registers: [registry],
  }),
  commitAge: new Gauge({
    name: 'tidecast_task_commit_age_seconds',
    help: 'Since a task last committed what it had read, or the log said that there was nothing.',
    labelNames: TASK,
    registers: [registry],
  }),
  restoreRemaining: new Gauge({
    name: 'tidecast_task_restore_remaining_offsets',
    help: 'Offsets of its changelog that a task has yet to read before it runs.',
    labelNames: TASK,
    registers: [registry],
  }),
});

const ofTopologies = (registry: Registry) => ({
  tasks: new Gauge({
    name: 'tidecast_tasks',
    help: 'Tasks of this process by state.',
    labelNames: ['stream', 'topology', 'state'],
    registers: [registry],
  }),
  unassigned: new Gauge({
    name: 'tidecast_unassigned_partitions',
    help: 'Partitions of a source that no task reads, since it has grown.',
    labelNames: ['stream', 'topology', 'topic'],
    registers: [registry],
  }),
});

const labelsOf = ({ stream, topology, partition }: TaskPlace) => ({
  ...{ stream, topology },
  partition: String(partition),
});

type ProgressMetrics = Pick<TaskMetrics, 'lag' | 'progress' | 'gone' | 'unassigned' | 'tasks'>;

/** How far tasks have come. */
export const progressMetrics = (registry: Registry): ProgressMetrics => {
  const of = { ...ofTasks(registry), ...ofTopologies(registry) };
  const set = (gauge: Gauge, place: TaskPlace, value: number | undefined): void => {
    if (value === undefined) gauge.remove(labelsOf(place));
    else gauge.set(labelsOf(place), value);
  };
  const seconds = (ms: number | undefined): number | undefined =>
    ms === undefined ? undefined : ms / SECOND_MS;
  return {
    lag({ stream, topology, topic, partition, records }) {
      const labels = { stream, topology, topic, partition: String(partition) };
      if (records === undefined) of.lag.remove(labels);
      else of.lag.set(labels, records);
    },
    progress({ watermarkLagMs, commitAgeMs, restoreRemaining, ...place }) {
      set(of.watermarkLag, place, seconds(watermarkLagMs));
      set(of.commitAge, place, seconds(commitAgeMs));
      set(of.restoreRemaining, place, restoreRemaining);
    },
    gone({ positions, ...place }) {
      for (const gauge of [of.watermarkLag, of.commitAge, of.restoreRemaining]) {
        set(gauge, place, undefined);
      }
      const { stream, topology } = place;
      for (const { topic, partition } of positions) {
        of.lag.remove({ stream, topology, topic, partition: String(partition) });
      }
    },
    unassigned({ stream, topology, topic, partitions }) {
      of.unassigned.set({ stream, topology, topic }, partitions);
    },
    tasks({ stream, topology, state, count }) {
      of.tasks.set({ stream, topology, state: state.toLowerCase() }, count);
    },
  };
};
