import { ingestBench, type IngestOptions, type IngestResult } from '../ingest.bench.ts';
import { latencyBench, type LatencyOptions, type LatencyResult } from '../latency.bench.ts';
import { profileBench, type ProfileResult } from '../profile.bench.ts';
import { restoreBench, type RestoreOptions, type RestoreResult } from '../restore.bench.ts';
import { takeoverBench, type TakeoverOptions, type TakeoverResult } from '../takeover.bench.ts';
import {
  wholeLoopBench,
  type WholeLoopOptions,
  type WholeLoopResult,
} from '../whole-loop.bench.ts';
import { workersBench, type WorkersOptions, type WorkersResult } from '../workers.bench.ts';

type LoopJob = Omit<WholeLoopOptions, 'hooks'>;

/** What one process is asked to measure. */
export type Job =
  | ({ readonly type: 'loop' } & LoopJob)
  | ({ readonly type: 'profile' } & LoopJob)
  | ({ readonly type: 'ingest' } & IngestOptions)
  | ({ readonly type: 'restore' } & RestoreOptions)
  | ({ readonly type: 'latency' } & LatencyOptions)
  | ({ readonly type: 'workers' } & WorkersOptions)
  | ({ readonly type: 'takeover' } & TakeoverOptions);

/** What it answers. */
export type JobResult =
  | ({ readonly type: 'loop' } & WholeLoopResult)
  | ({ readonly type: 'profile' } & ProfileResult)
  | ({ readonly type: 'ingest' } & IngestResult)
  | ({ readonly type: 'restore' } & RestoreResult)
  | ({ readonly type: 'latency' } & LatencyResult)
  | ({ readonly type: 'workers' } & WorkersResult)
  | ({ readonly type: 'takeover' } & TakeoverResult);

export const runJob = async (job: Job): Promise<JobResult> => {
  switch (job.type) {
    case 'loop':
      return { type: 'loop', ...(await wholeLoopBench(job)) };
    case 'profile':
      return { type: 'profile', ...(await profileBench(job)) };
    case 'ingest':
      return { type: 'ingest', ...(await ingestBench(job)) };
    case 'restore':
      return { type: 'restore', ...(await restoreBench(job)) };
    case 'latency':
      return { type: 'latency', ...(await latencyBench(job)) };
    case 'workers':
      return { type: 'workers', ...(await workersBench(job)) };
    case 'takeover':
      return { type: 'takeover', ...(await takeoverBench(job)) };
  }
};
