import { TidecastError } from '../core/errors.ts';

/** An artifact cannot be served: the old champion keeps serving. */
export class ModelError extends TidecastError {
  override readonly name = 'ModelError';
}
