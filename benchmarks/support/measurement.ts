import type { Figure } from './figure.ts';
import type { Job, JobResult } from './job.ts';

/** Something that is measured: the jobs that it takes, and the figures that follow from them. */
export interface Measurement {
  readonly name: string;
  readonly summary: string;
  /** In the order in which they run; `isShort`: so small that all together take two minutes. */
  readonly jobs: (isShort: boolean) => readonly Job[];
  /** From the jobs that succeeded; figures that need others are left out. */
  readonly figures: (results: readonly JobResult[]) => readonly Figure[];
}
