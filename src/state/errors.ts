import { TidecastError, type TidecastErrorOptions } from '../core/errors.ts';

export type StateErrorCode = 'STATE_LOCKED' | 'STATE_CORRUPT' | 'STATE_DISK';

/** What a store throws; nothing of the library behind it escapes. */
export class StateError extends TidecastError {
  override readonly name = 'StateError';
  override readonly code: StateErrorCode;

  constructor(code: StateErrorCode, message: string, options: TidecastErrorOptions = {}) {
    super(code, message, options);
    this.code = code;
  }
}
