import { TidecastError } from '../core/errors.ts';

/** A candidate could not be made; what serves goes on serving. */
export class TrainingError extends TidecastError {
  override readonly name = 'TrainingError';
}
