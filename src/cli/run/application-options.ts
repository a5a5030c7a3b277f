import type { Config } from '../../config/config.ts';
import type { Clock } from '../../core/clock.ts';
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
  /** true: the run is to end, so raw partitions count as idle once they are read. */
  readonly isEnding: () => boolean;
}
