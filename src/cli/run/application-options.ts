import type { Config } from '../../config/config.ts';
import type { Clock } from '../../core/clock.ts';
import type { SourceStatus } from '../../streams/task-status.ts';
import type { Logger } from '../../telemetry/logger.ts';
import type { OpenedLog } from '../opened-log.ts';
import type { Role } from './roles.ts';

/** What a process runs, and on what. */
export interface ApplicationOptions {
  readonly config: Config;
  readonly opened: OpenedLog;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly roles: readonly Role[];
  /** Whether to process everything again beside what an application of another name wrote. */
  readonly adopt?: boolean | undefined;
  /** true: all is read that the run is to read, so that all raw partitions count as idle. */
  readonly isEnding: () => boolean;
  /** Whether the run reads a partition of a source no further than this offset. */
  readonly isRead?: (source: SourceStatus) => boolean;
}
