import { TidecastError, type TidecastErrorOptions } from '../core/errors.ts';

export type SchemaErrorCode =
  | 'SCHEMA_COMPATIBILITY_WEAK'
  | 'SCHEMA_INCOMPATIBLE'
  | 'SCHEMA_INVALID'
  | 'SCHEMA_MISSING'
  | 'SCHEMA_REGISTRY_AUTHENTICATION'
  | 'SCHEMA_REGISTRY_TLS'
  | 'SCHEMA_REGISTRY_UNREACHABLE';

/** A schema that cannot be registered, or a registry that cannot be asked. */
export class SchemaError extends TidecastError {
  override readonly name = 'SchemaError';
  override readonly code: SchemaErrorCode;

  constructor(code: SchemaErrorCode, message: string, options: TidecastErrorOptions = {}) {
    super(code, message, options);
    this.code = code;
  }
}
