import type { Limits } from '../../config/config.ts';
import { DEFAULT_LIMITS, type TaskLimits } from '../../streams/task-context.ts';

/** The bounds of tasks as the configuration has them. */
export const taskLimits = (limits: Limits): TaskLimits => ({
  ...DEFAULT_LIMITS,
  commitIntervalMs: limits.commitIntervalMs,
  batchRecordsMax: limits.batchRecordsMax,
  batchBytesMax: limits.batchBytesMax,
  flushIntervalMs: limits.stateFlushMs,
  idlePollMs: limits.idlePollMs,
  restoreRecordsMax: limits.restoreRecordsMax,
  backoffMsMin: limits.backoffMsMin,
  backoffMsMax: limits.backoffMsMax,
});
