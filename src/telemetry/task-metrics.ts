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
    labelNames: ['topology', 'status'],
    registers: [registry],
  }),
  records: new Counter({
    name: 'tidecast_task_records_total',
    help: 'Records that tasks read and committed.',
    labelNames: ['topology'],
    registers: [registry],
  }),
  outputs: new Counter({
    name: 'tidecast_task_outputs_total',
    help: 'Records that tasks wrote, changelogs not counted.',
    labelNames: ['topology'],
    registers: [registry],
  }),
  commits: new Histogram({
    name: 'tidecast_task_commit_duration_seconds',
    help: 'How long a commit took, from the first record sent.',
    labelNames: ['topology'],
    buckets: COMMIT_BUCKETS,
    registers: [registry],
  }),
  batches: new Histogram({
    name: 'tidecast_task_batch_records',
    help: 'Records of one batch.',
    labelNames: ['topology'],
    buckets: BATCH_BUCKETS,
    registers: [registry],
  }),
});

const health = (registry: Registry) => ({
  restores: new Histogram({
    name: 'tidecast_task_restore_duration_seconds',
    help: 'How long a task took to refill its state.',
    labelNames: ['topology'],
    buckets: RESTORE_BUCKETS,
    registers: [registry],
  }),
  restored: new Counter({
    name: 'tidecast_task_restored_records_total',
    help: 'Changelog records that were read to refill state.',
    labelNames: ['topology'],
    registers: [registry],
  }),
  failures: new Counter({
    name: 'tidecast_task_failures_total',
    help: 'Failures of tasks by code; docs/errors.md says what each means.',
    labelNames: ['topology', 'code'],
    registers: [registry],
  }),
  deadLetters: new Counter({
    name: 'tidecast_dead_letters_total',
    help: 'Records that were refused, by reason.',
    labelNames: ['topology', 'reason'],
    registers: [registry],
  }),
  state: new Gauge({
    name: 'tidecast_state_bytes',
    help: 'State of a task in memory.',
    labelNames: ['stream', 'topology', 'partition'],
    registers: [registry],
  }),
});

/** What is counted of tasks, from zero on but for failures, whose codes are not known. */
export const taskMetrics = (
  registry: Registry,
  topologies: readonly string[],
  refusals: readonly string[],
): TaskMetrics => {
  const of = { ...throughput(registry), ...health(registry) };
  for (const topology of topologies) {
    of.transactions.inc({ topology, status: 'committed' }, 0);
    of.transactions.inc({ topology, status: 'failed' }, 0);
    of.records.inc({ topology }, 0);
    of.outputs.inc({ topology }, 0);
    of.restored.inc({ topology }, 0);
    of.commits.zero({ topology });
    of.batches.zero({ topology });
    of.restores.zero({ topology });
    for (const reason of refusals) of.deadLetters.inc({ topology, reason }, 0);
  }
  return {
    ...progressMetrics(registry),
    committed({ topology, records, outputs, durationMs }) {
      of.transactions.inc({ topology, status: 'committed' });
      of.records.inc({ topology }, records);
      of.outputs.inc({ topology }, outputs);
      of.commits.observe({ topology }, durationMs / SECOND_MS);
      of.batches.observe({ topology }, records);
    },
    restored({ topology, records, durationMs }) {
      of.restored.inc({ topology }, records);
      of.restores.observe({ topology }, durationMs / SECOND_MS);
    },
    failed({ topology, code }) {
      of.transactions.inc({ topology, status: 'failed' });
      of.failures.inc({ topology, code });
    },
    deadLettered: ({ topology, reason }) => of.deadLetters.inc({ topology, reason }),
    state({ stream, topology, partition, bytes }) {
      of.state.set({ stream, topology, partition: String(partition) }, bytes);
    },
  };
};
