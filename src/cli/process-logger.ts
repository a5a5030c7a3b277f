import type { Config } from '../config/config.ts';
import { logger, type Logger } from '../telemetry/logger.ts';
import type { Io } from './io.ts';
import { version } from './version.ts';

/** Logs go to stderr, beside progress: results alone are on stdout. */
export const processLogger = (
  io: Io,
  { application, logging }: Pick<Config, 'application' | 'logging'>,
): Logger =>
  logger({
    level: logging.level,
    service: { name: application, version: version() },
    to: { write: (line) => void io.err.write(line) },
  });
