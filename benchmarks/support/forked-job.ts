import { fork, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../src/core/clock.ts';
import type { Job, JobResult } from './job.ts';
import { rounded } from './measure.ts';

const JOB_PROCESS = join(import.meta.dirname, '..', 'job-process.js');

/** What came of one job. */
export interface JobRun {
  readonly job: Job;
  readonly seconds: number;
  readonly result?: JobResult;
  /** Why there is no result. */
  readonly failure?: string;
}

/** Its exit code, once it has ended and all that it sent has arrived; null when it was killed. */
const ended = (child: ChildProcess): Promise<number | null> =>
  new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });

const outcomeOf = async (
  job: Job,
  { folder, boundMs }: { readonly folder: string; readonly boundMs: number },
): Promise<Pick<JobRun, 'result' | 'failure'>> => {
  const child = fork(JOB_PROCESS, [JSON.stringify(job)], {
    // What a killed process leaves behind is removed with its temporary folder.
    env: { ...process.env, TMPDIR: folder },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  let result: JobResult | undefined;
  child.on('message', (message) => {
    // The process runs `runJob` of this checkout and sends what it returned.
    result = message as JobResult;
  });
  const timer = setTimeout(() => {
    child.kill('SIGKILL');
  }, boundMs);
  const code = await ended(child);
  clearTimeout(timer);
  if (child.killed) return { failure: `not done after ${boundMs / 1_000} s` };
  if (code !== 0 || result === undefined) return { failure: `ended with code ${code ?? 'none'}` };
  return { result };
};

/** Runs a job in a process of its own, which is killed when it takes longer than its bound. */
export const forkedJob = async (job: Job, boundMs: number): Promise<JobRun> => {
  const begunMs = systemClock.monotonic();
  const folder = await mkdtemp(join(tmpdir(), 'tidecast-bench-'));
  try {
    const outcome = await outcomeOf(job, { folder, boundMs });
    return { job, seconds: rounded((systemClock.monotonic() - begunMs) / 1_000, 1), ...outcome };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};
