import { AssertionFailed } from '../core/assert.ts';
import { TidecastError } from '../core/errors.ts';

export type CliErrorCode =
  'USAGE' | 'INTERRUPTED' | 'NOT_FOUND' | 'NOTHING_SCORED' | 'STILL_RUNNING' | 'UNHEALTHY';

/** A command was called wrongly, asked to stop, or did not find what was named. */
export class CliError extends TidecastError {
  override readonly name = 'CliError';
  override readonly code: CliErrorCode;

  constructor(code: CliErrorCode, message: string, cause?: unknown) {
    super(code, message, { cause });
    this.code = code;
  }
}

/** 0: done. 1: the work failed. 2: the call was wrong. */
export type ExitCode = 0 | 1 | 2;

/** Failures that another call would not have: a wrong option, file, folder or port. */
const WRONG_CALL: ReadonlySet<string> = new Set([
  'BACKTEST_TOO_SHORT',
  'CONFIG_INVALID',
  'DURATION_NOT_FIXED',
  'DURATION_UNREADABLE',
  'FILE_FORMAT_UNKNOWN',
  'FILE_UNREADABLE',
  'FREQUENCY_UNEVEN',
  'HTTP_PORT_TAKEN',
  'HOLIDAYS_UNKNOWN_REGION',
  'LOG_AUTHENTICATION',
  'LOG_FORMAT',
  'LOG_GROUP_REFUSED',
  'LOG_LOCKED',
  'LOG_TLS',
  'LOG_UNKNOWN_TOPIC',
  'MODEL_METADATA_MISSING',
  'MODEL_METADATA_UNUSABLE',
  'MODEL_RUN_FAILED',
  'MODEL_SCHEMA_MISMATCH',
  'MODEL_SHAPE_MISMATCH',
  'MODEL_STRATEGY_UNSUPPORTED',
  'MODEL_UNREADABLE',
  'NOT_FOUND',
  'SCHEMA_REGISTRY_AUTHENTICATION',
  'SCHEMA_REGISTRY_TLS',
  'TIME_ZONE_UNKNOWN',
  'USAGE',
]);

export const exitCodeOf = (error: unknown): ExitCode =>
  error instanceof TidecastError && WRONG_CALL.has(error.code) ? 2 : 1;

/** What a person reads: a failure says what to do, a bug says where it happened. */
export const reportOf = (error: unknown): string => {
  if (error instanceof TidecastError) return `tidecast: ${error.message} (${error.code})`;
  if (error instanceof AssertionFailed) {
    return `tidecast: this is a bug, please report it: ${error.stack ?? error.message}`;
  }
  const said = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return `tidecast: unexpected failure: ${said}`;
};
