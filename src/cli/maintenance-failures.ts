import { systemClock } from '../core/clock.ts';
import { messageOf, TidecastError } from '../core/errors.ts';
import type { Logger } from '../telemetry/logger.ts';

/** A round comes every few seconds: a line in so long a time says that it still fails. */
const LINE_MS = 3_600_000;

const kindOf = (error: unknown): string =>
  error instanceof TidecastError ? error.code : error instanceof Error ? error.name : '';

/** Says of each kind of failure of retention and compaction that there is one, now and then. */
export const maintenanceFailures = (
  logger: Logger,
  nowMs: () => number = () => systemClock.monotonic(),
): ((error: unknown) => void) => {
  const told = new Map<string, number>();
  return (error) => {
    const kind = kindOf(error);
    if (nowMs() - (told.get(kind) ?? -Infinity) < LINE_MS) return;
    told.set(kind, nowMs());
    const said = messageOf(error);
    logger.warn(`the log cannot be cleaned up, and grows until it can: ${said}`, {
      action: 'maintenance-failed',
      error,
    });
  };
};
