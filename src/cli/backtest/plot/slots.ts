import type { Frequency } from '../../../core/frequency.ts';
import { DAY_MS } from '../../../core/duration.ts';
import { dayOfWeek, LocalClock, monthOf } from '../../../features/local-clock.ts';

/** A way to sort periods into a few places that come again. */
export interface Slots {
  readonly title: string;
  readonly names: readonly string[];
  of(period: number): number;
}

const HOURS = Array.from({ length: 24 }, (_, hour) => String(hour).padStart(2, '0'));
const WEEKDAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];
const MONTHS = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');
/** Rows of a table that is looked at as a whole. */
const PLACES_MAX = 24;

/** The start of a period on the local clock of its zone, as epoch ms of the same clock in UTC. */
export const localStart = (frequency: Frequency, period: number): number => {
  const timeMs = frequency.startOf(period);
  return timeMs + frequency.zone.offsetMs(timeMs);
};

const hours = (frequency: Frequency): Slots => {
  const clock = new LocalClock(frequency);
  return { title: 'Hour of day', names: HOURS, of: (period) => clock.hourOf(period) };
};

/** Days of the week, Monday first. */
export const weekdays = (frequency: Frequency): Slots => {
  const clock = new LocalClock(frequency);
  const of = (period: number): number => dayOfWeek(clock.dayOf(period));
  return { title: 'Day of week', names: WEEKDAYS, of };
};

const months = (frequency: Frequency): Slots => {
  const clock = new LocalClock(frequency);
  const of = (period: number): number => monthOf(clock.dayOf(period)) - 1;
  return { title: 'Month', names: MONTHS, of };
};

/** Where no clock is known: the place within the season, long seasons in parts. */
export const seasonPlaces = (season: number): Slots => {
  const places = Math.min(season, PLACES_MAX);
  return {
    title: season === places ? 'Place in season' : `Part of season, of ${places}`,
    names: Array.from({ length: places }, (_, place) => String(place + 1)),
    of: (period) => Math.floor(((period % season) * places) / season),
  };
};

/** What the local clock says of a period: its hour, else its day of the week, else its month. */
export const clockSlots = (frequency: Frequency): Slots => {
  if (frequency.kind === 'fixed') return hours(frequency);
  return frequency.nominalMs === DAY_MS ? weekdays(frequency) : months(frequency);
};
