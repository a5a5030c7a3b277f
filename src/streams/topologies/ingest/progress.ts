import type { Frequency } from '../../../core/frequency.ts';

/** Event time of one raw partition, as far as this batch has come. */
export interface Progress {
  /** Greatest event time − grace, epoch ms; -Infinity before the first event. */
  watermark: number;
  idle: boolean;
}

/** An event is late when its period had ended at its own partition's watermark. */
export const isLate = ({ watermark }: Progress, eventTimeMs: number, periods: Frequency): boolean =>
  watermark > -Infinity && periods.startOf(periods.periodOf(eventTimeMs) + 1) <= watermark;

/**
 * Moves event time on, never back; true when a period end was crossed, which is when others are
 * told.
 */
export const advance = (
  progress: Progress,
  eventTimeMs: number,
  { graceMs, periods }: { readonly graceMs: number; readonly periods: Frequency },
): boolean => {
  const before = progress.watermark;
  const reached = eventTimeMs - graceMs;
  if (reached <= before) return false;
  progress.watermark = reached;
  return before === -Infinity || periods.periodOf(reached) > periods.periodOf(before);
};
