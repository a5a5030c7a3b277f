import { TidecastError } from '../core/errors.ts';

export type ServingErrorCode = 'HTTP_PORT_TAKEN' | 'HTTP_ADDRESS_UNUSABLE';

/** The API cannot be opened. */
export class ServingError extends TidecastError {
  override readonly name = 'ServingError';
  override readonly code: ServingErrorCode;

  constructor(code: ServingErrorCode, message: string, cause?: unknown) {
    super(code, message, { cause });
    this.code = code;
  }
}
