import { TidecastError, type TidecastErrorOptions } from '../core/errors.ts';

export type StreamErrorCode =
  | 'TASK_CLAIMED'
  | 'TASK_FREQUENCY_CHANGED'
  | 'TASK_MODEL_FAILED'
  | 'TASK_UNADOPTED'
  | 'TASK_SOURCE_EXPIRED'
  | 'TASK_SOURCE_MISSING'
  | 'TASK_SOURCE_PARTITIONS'
  | 'TASK_RECORD_UNREADABLE'
  | 'TASK_REPLAY_UNFINISHED'
  | 'TASK_RESTORE_STUCK'
  | 'TASK_STATE_VERSION';

/** What the engine itself throws: each names the task and says what to do. */
export class StreamError extends TidecastError {
  override readonly name = 'StreamError';
  override readonly code: StreamErrorCode;

  constructor(code: StreamErrorCode, message: string, options: TidecastErrorOptions = {}) {
    super(code, message, options);
    this.code = code;
  }
}
