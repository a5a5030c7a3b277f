import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import { SECOND_MS } from '../core/duration.ts';
import type { TaskMetrics } from '../streams/metrics.ts';
import { progressMetrics } from './progress-metrics.ts';

/** From a few records to a commit that holds up all: the default interval is 0.1 s. */
const COMMIT_BUCKETS = [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5];
const RESTORE_BUCKETS = [0.1, 0.5, 1, 5, 10, 30, 60, 300];
/** Up to what a batch may hold by default. */
const BATCH_BUCKETS = [1, 10, 100, 500, 1_000, 2_000, 4_000, 8_000];

const throughput = (registry: Registry) => ({
  transactions: new Counter({
    name: 'tidecast_task_transactions_total',
    help: 'Transactions of tasks: committed, or failed and done again after a revival.',
    labelNames: ['stream', 'topology', 'status'],
    registers: [registry],
  }),
  records: new Counter({
    name: 'tidecast_task_records_total',
    help: 'Records that tasks read and committed.',
    labelNames: ['stream', 'topology'],
    registers: [registry],
  }),
  outputs: new Counter({
    name: 'tidecast_task_outputs_total',
    help: 'Records that tasks wrote, changelogs not counted.',
    labelNames: ['stream', 'topology'],
    registers: [registry],
  }),
  commits: new Histogram({
    name: 'tidecast_task_commit_duration_seconds',
    help: 'How long a commit took, from the first record sent.',
    labelNames: ['stream', 'topology'],
    buckets: COMMIT_BUCKETS,
    registers: [registry],
  }),
  batches: new Histogram({
    name: 'tidecast_task_batch_records',
    help: 'Records of one batch.',
    labelNames: ['stream', 'topology'],
    buckets: BATCH_BUCKETS,
    registers: [registry],
  }),
});

const health = (registry: Registry) => ({
  restores: new Histogram({
    name: 'tidecast_task_restore_duration_seconds',
    help: 'How long a task took to refill its state.',
    labelNames: ['stream', 'topology'],
    buckets: RESTORE_BUCKETS,
    registers: [registry],
  }),
  restored: new Counter({
    name: 'tidecast_task_restored_records_total',
    help: 'Changelog records that were read to refill state.',
    labelNames: ['stream', 'topology'],
    registers: [registry],
  }),
  failures: new Counter({
    name: 'tidecast_task_failures_total',
    help: 'Failures of tasks by code; docs/errors.md says what each means.',
    labelNames: ['stream', 'topology', 'code'],
    registers: [registry],
  }),
  deadLetters: new Counter({
    name: 'tidecast_dead_letters_total',
    help: 'Records that were refused, by reason.',
    labelNames: ['stream', 'topology', 'reason'],
    registers: [registry],
  }),
  state: new Gauge({
    name: 'tidecast_state_bytes',
    help: 'State of a task in memory.',
    labelNames: ['stream', 'topology', 'partition'],
    registers: [registry],
  }),
});

export interface TaskMetricsOptions {
  readonly streams: readonly string[];
  readonly topologies: readonly string[];
  readonly refusals: readonly string[];
}

type Families = ReturnType<typeof throughput> & ReturnType<typeof health>;

/** From zero on but for failures, whose codes are not known. */
const beginAtZero = (of: Families, { streams, topologies, refusals }: TaskMetricsOptions): void => {
  for (const stream of streams) {
    for (const topology of topologies) {
      const task = { stream, topology };
      of.transactions.inc({ ...task, status: 'committed' }, 0);
      of.transactions.inc({ ...task, status: 'failed' }, 0);
      for (const counter of [of.records, of.outputs, of.restored]) counter.inc(task, 0);
      for (const histogram of [of.commits, of.batches, of.restores]) histogram.zero(task);
      for (const reason of refusals) of.deadLetters.inc({ ...task, reason }, 0);
    }
  }
};

/** What is counted of tasks. */
export const taskMetrics = (registry: Registry, options: TaskMetricsOptions): TaskMetrics => {
  const of = { ...throughput(registry), ...health(registry) };
  beginAtZero(of, options);
  const progress = progressMetrics(registry);
  return {
    ...progress,
    committed({ stream, topology, records, outputs, durationMs }) {
      const task = { stream, topology };
      of.transactions.inc({ ...task, status: 'committed' });
      of.records.inc(task, records);
      of.outputs.inc(task, outputs);
      of.commits.observe(task, durationMs / SECOND_MS);
      of.batches.observe(task, records);
    },
    uncommitted: ({ stream, topology }) =>
      of.transactions.inc({ stream, topology, status: 'failed' }),
    restored({ stream, topology, records, durationMs }) {
      of.restored.inc({ stream, topology }, records);
      of.restores.observe({ stream, topology }, durationMs / SECOND_MS);
    },
    failed: ({ stream, topology, code }) => of.failures.inc({ stream, topology, code }),
    deadLettered: ({ stream, topology, reason }) =>
      of.deadLetters.inc({ stream, topology, reason }),
    state({ stream, topology, partition, bytes }) {
      of.state.set({ stream, topology, partition: String(partition) }, bytes);
    },
    gone(task) {
      progress.gone(task);
      const { stream, topology, partition } = task;
      of.state.remove({ stream, topology, partition: String(partition) });
    },
  };
};
