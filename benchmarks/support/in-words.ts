import type { JobResult } from './job.ts';
import { rounded } from './measure.ts';

type Of<T extends JobResult['type']> = Extract<JobResult, { type: T }>;

const restoreInWords = ({ history, written, compacted }: Of<'restore'>): string => {
  const states = Object.entries({ written, ...(compacted === undefined ? {} : { compacted }) });
  const each = states.map(
    ([state, { slotsPerSecond, changelogRecords, ms }]) =>
      `${state}: ${slotsPerSecond} slots/s, ${changelogRecords} records in ${ms} ms`,
  );
  return `restore, ${history}: ${each.join('; ')}`;
};

const latencyInWords = ({ paces, maxPerSecond }: Of<'latency'>): string => {
  const each = paces.map(
    ({ ratePerSecond, p50Ms, p99Ms }) =>
      `${ratePerSecond}/s: p50 ${p50Ms ?? '-'} ms, p99 ${p99Ms ?? '-'} ms`,
  );
  return `latency: at most ${maxPerSecond}/s; ${each.join('; ')}`;
};

const takeoverInWords = ({ sessionTimeoutMs, goalMs, takeovers }: Of<'takeover'>): string => {
  const each = takeovers.map(
    ({ disk, assignedMs, claimedMs, committedMs }) =>
      `${disk} disk: assigned ${assignedMs}, claimed ${claimedMs}, committed ${committedMs} ms`,
  );
  return `takeover, session ${sessionTimeoutMs} ms, goal ${goalMs} ms: ${each.join('; ')}`;
};

/** What came of a job, in a line. */
export const inWords = (result: JobResult): string => {
  switch (result.type) {
    case 'loop': {
      const { work, cpuMicros, observationsPerSecond, rssMiB } = result;
      return `${work}: ${cpuMicros} µs, ${observationsPerSecond} a second, ${rssMiB} MiB`;
    }
    case 'latency':
      return latencyInWords(result);
    case 'restore':
      return restoreInWords(result);
    case 'workers': {
      const { workers, observationsPerSecond, cpuMicros, where } = result;
      return `workers: ${workers}: ${observationsPerSecond} a second, ${cpuMicros} µs, ${where}`;
    }
    case 'takeover':
      return takeoverInWords(result);
    default:
      return result.type;
  }
};

/** How several workers compare with one, where both were measured; by the best of each. */
export const ratioInWords = (results: readonly JobResult[]): readonly string[] => {
  const bestBy = new Map<number, number>();
  for (const result of results) {
    if (result.type !== 'workers') continue;
    const { workers, observationsPerSecond } = result;
    bestBy.set(workers, Math.max(bestBy.get(workers) ?? 0, observationsPerSecond));
  }
  const one = bestBy.get(1);
  if (one === undefined) return [];
  return [...bestBy]
    .filter(([workers]) => workers > 1)
    .map(
      ([workers, best]) =>
        `workers: ${workers} reach ${rounded(best / one)} times as much as one, on these cores`,
    );
};
