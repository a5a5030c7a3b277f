import { TidecastError, type TidecastErrorOptions } from '../core/errors.ts';

export type LogErrorCode =
  | 'LOG_FENCED'
  | 'LOG_OUTCOME_UNKNOWN'
  | 'LOG_CLOSED'
  | 'LOG_LOCKED'
  | 'LOG_CORRUPT'
  | 'LOG_FORMAT'
  | 'LOG_CODEC_UNKNOWN'
  | 'LOG_BATCH_TOO_LARGE'
  | 'LOG_DISK'
  | 'LOG_UNKNOWN_TOPIC'
  | 'LOG_TOPIC_MISMATCH'
  | 'LOG_TOPIC_REFUSED'
  | 'LOG_REFUSED'
  | 'LOG_GROUP_REFUSED'
  | 'LOG_OFFSET_OUT_OF_RANGE'
  | 'LOG_RECORD_TOO_LARGE'
  | 'LOG_AUTHENTICATION'
  | 'LOG_TLS'
  | 'LOG_UNAUTHORIZED'
  | 'LOG_UNREACHABLE';

/** What a log adapter throws; nothing of the library behind it escapes. */
export class LogError extends TidecastError {
  override readonly name = 'LogError';
  override readonly code: LogErrorCode;

  constructor(code: LogErrorCode, message: string, options: TidecastErrorOptions = {}) {
    super(code, message, options);
    this.code = code;
  }
}
