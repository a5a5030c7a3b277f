import { TidecastError, type TidecastErrorOptions } from '../core/errors.ts';

export type RegistryErrorCode = 'ARTIFACT_DAMAGED' | 'ARTIFACT_DISK' | 'ARTIFACT_MISSING';

/** An artifact that a model event names cannot be had. */
export class RegistryError extends TidecastError {
  override readonly name = 'RegistryError';
  override readonly code: RegistryErrorCode;

  constructor(code: RegistryErrorCode, message: string, options: TidecastErrorOptions = {}) {
    super(code, message, options);
    this.code = code;
  }
}
