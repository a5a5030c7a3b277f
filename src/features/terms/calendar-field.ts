import { isHoliday } from '../../calendars/calendar.ts';
import type { CalendarField } from '../../schemas/feature-schema.ts';
import { dayOfWeek, monthOf } from '../local-clock.ts';
import type { TermContext, TermDefinition } from './term.ts';

const FIRST_WEEKEND_DAY = 5;

type FieldReader = (context: TermContext, period: number) => number;

const FIELDS: Readonly<Record<CalendarField, FieldReader>> = {
  hour: ({ clock }, period) => clock.hourOf(period),
  dayofweek: ({ clock }, period) => dayOfWeek(clock.dayOf(period)),
  month: ({ clock }, period) => monthOf(clock.dayOf(period)),
  is_weekend: ({ clock }, period) => (dayOfWeek(clock.dayOf(period)) >= FIRST_WEEKEND_DAY ? 1 : 0),
  is_holiday: ({ clock, calendar }, period) => (isHoliday(calendar, clock.dayOf(period)) ? 1 : 0),
};

/** Fields of the first target's local date, named and numbered as in pandas. */
export const calendarField: TermDefinition<'calendar'> = ({ field }, context) => {
  const valueOf = FIELDS[field];
  // Most series are at the same period.
  const last = { period: Number.NaN, value: Number.NaN };
  return {
    name: field,
    lookback: 0,
    read: () => {
      const period = context.row.origin + 1;
      if (period !== last.period) {
        last.value = valueOf(context, period);
        last.period = period;
      }
      return last.value;
    },
  };
};
