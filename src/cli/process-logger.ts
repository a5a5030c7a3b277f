import type { Config } from '../config/config.ts';
import { logger, type Logger } from '../telemetry/logger.ts';
import { readableLine } from '../telemetry/readable-line.ts';
import type { Io } from './io.ts';
import { version } from './version.ts';

/**
 * Logs go to stderr, beside progress: results alone are on stdout. JSON for a log forwarder, a
 * short line for a person at a terminal.
 */
export const processLogger = (
  io: Io,
  { application, logging }: Pick<Config, 'application' | 'logging'>,
): Logger =>
  logger({
    level: logging.level,
    service: { name: application, version: version() },
    to: { write: (line) => void io.err.write(io.err.isTerminal ? readableLine(line) : line) },
  });
