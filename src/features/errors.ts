import { TidecastError } from '../core/errors.ts';

/** A feature schema that cannot be computed here. */
export class FeatureError extends TidecastError {
  override readonly name = 'FeatureError';
}
