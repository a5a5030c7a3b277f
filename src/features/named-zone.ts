import { isTimeZone } from '../core/time-zone.ts';
import type { Observation } from '../schemas/observation.ts';

/** The zone that an event named as that of its series, and the event's time. */
export interface NamedZone {
  readonly zone: string;
  readonly eventTimeMs: number;
}

const isEarlier = (one: NamedZone, other: NamedZone): boolean =>
  one.eventTimeMs < other.eventTimeMs ||
  (one.eventTimeMs === other.eventTimeMs && one.zone < other.zone);

/**
 * The zone that an event gives its series by an attribute, from the event's own period on;
 * undefined where all stays as it is `known`. The earliest event that names one decides, so that
 * neither batches nor raw partitions make a difference, and one that nobody knows counts for
 * nothing.
 */
export const zoneGiven = (
  { attributes, eventTime }: Observation,
  attribute: string,
  known: NamedZone | undefined,
): NamedZone | undefined => {
  const zone = attributes[attribute];
  if (zone === undefined) return undefined;
  const named = { zone, eventTimeMs: eventTime };
  if (known !== undefined && !isEarlier(named, known)) return undefined;
  return isTimeZone(zone) ? named : undefined;
};
