import { assert } from '../core/assert.ts';
import type { Brand } from '../core/brand.ts';

/**
 * A record's position in its partition. A number: 2^53 records outlast any partition, and bigint
 * costs the hot path.
 */
export type Offset = Brand<number, 'Offset'>;

/** Parses a position at an adapter's door. */
export const offset = (position: number): Offset => {
  assert(Number.isSafeInteger(position) && position >= 0, `not an offset: ${position}`);
  // The check above is what makes a number an Offset.
  return position as Offset;
};

export const FIRST_OFFSET: Offset = offset(0);

/** The position to resume from once everything up to `last` is done. */
export const after = (last: Offset): Offset => offset(last + 1);
