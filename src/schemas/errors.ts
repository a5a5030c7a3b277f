import { TidecastError, type TidecastErrorOptions } from '../core/errors.ts';

export type SchemaErrorCode = 'SCHEMA_INCOMPATIBLE' | 'SCHEMA_INVALID';

/** A schema that cannot be registered. */
export class SchemaError extends TidecastError {
  override readonly name = 'SchemaError';
  override readonly code: SchemaErrorCode;

  constructor(code: SchemaErrorCode, message: string, options: TidecastErrorOptions = {}) {
    super(code, message, options);
    this.code = code;
  }
}
