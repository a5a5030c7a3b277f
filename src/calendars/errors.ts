import { TidecastError } from '../core/errors.ts';

/** Holidays that cannot be had. */
export class CalendarError extends TidecastError {
  override readonly name = 'CalendarError';
}
