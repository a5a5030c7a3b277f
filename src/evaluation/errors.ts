import { TidecastError } from '../core/errors.ts';

/** What was asked for cannot be evaluated on these data. */
export class EvaluationError extends TidecastError {
  override readonly name = 'EvaluationError';
}
