import type { Job } from './job.ts';

/** What takes a broker, or is compared with what it costs without one. */
export const KAFKA_TYPES = ['loop', 'latency', 'restore', 'workers', 'takeover'] as const;

export type KafkaJob = Job & { readonly type: (typeof KAFKA_TYPES)[number] };

/** Whether the embedded log has anything like it: it has one process. */
export const runsEmbedded = ({ type }: KafkaJob): boolean =>
  type !== 'workers' && type !== 'takeover';

/** All that is measured on a broker, in order. */
export const kafkaJobs = (isShort: boolean): readonly KafkaJob[] => {
  const [series, observations] = isShort ? [1_000, 40_000] : [10_000, 400_000];
  return [
    { type: 'loop', work: 'peer', series, observations },
    { type: 'loop', work: 'whole', series, observations },
    {
      ...{ type: 'latency', series: 1_000, backlog: isShort ? 20_000 : 100_000 },
      ...{ ratePerSecond: 5_000, measuredMs: isShort ? 4_000 : 15_000 },
    },
    { type: 'restore', series: isShort ? 5_000 : 50_000 },
    { type: 'restore', history: 'laid', series: isShort ? 50_000 : 1_000_000 },
    { type: 'workers', workers: 1, series, observations },
    { type: 'workers', workers: 2, series, observations },
    {
      ...{ type: 'takeover', series: isShort ? 1_000 : 10_000, rounds: isShort ? 1 : 3 },
      sessionTimeoutMs: isShort ? 6_000 : 10_000,
    },
  ];
};
