import { parseFrequency } from '../core/frequency.ts';
import { PER_SERIES, type ServedStream } from './options.ts';

/** Starts of the periods after an origin, in epoch ms. */
export const targetsOf = (
  { frequency, timeZone }: ServedStream,
  origin: number,
  count: number,
): readonly number[] => {
  const steps = Array.from({ length: count }, (_, at) => at + 1);
  const periods = parseFrequency(frequency, timeZone === PER_SERIES ? 'UTC' : timeZone);
  if (timeZone === PER_SERIES && periods.kind !== 'months') {
    // Which zone is told by an attribute that a forecast does not carry.
    return steps.map((step) => origin + step * periods.nominalMs);
  }
  const first = periods.periodOf(origin);
  return steps.map((step) => periods.startOf(first + step));
};
