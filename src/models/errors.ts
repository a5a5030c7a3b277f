import { TidecastError } from '../core/errors.ts';

/** An artifact cannot be served. */
export class ModelError extends TidecastError {
  override readonly name = 'ModelError';
}
