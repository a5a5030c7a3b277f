import { TidecastError } from '../core/errors.ts';

export type ConfigErrorCode = 'CONFIG_INVALID';

/** The configuration cannot be used: each line of the message names a key and what to write. */
export class ConfigError extends TidecastError {
  override readonly name = 'ConfigError';
  override readonly code: ConfigErrorCode = 'CONFIG_INVALID';

  constructor(message: string, cause?: unknown) {
    super('CONFIG_INVALID', message, { cause });
  }
}
