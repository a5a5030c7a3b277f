import type { ScalarTerm } from '../../schemas/feature-schema.ts';
import { calendarField } from './calendar-field.ts';
import { deviation, deviationMean } from './deviation.ts';
import { lag } from './lag.ts';
import { levelChange } from './level-change.ts';
import { rolling } from './rolling.ts';
import { scale } from './scale.ts';
import type { Column, TermContext } from './term.ts';
import { whole } from './whole.ts';

/** Counts over the rest of the row, so the plan fills it in last. */
export const MISSING_COUNT = 'missing_count';

export const columnOf = (term: ScalarTerm, context: TermContext): Column => {
  switch (term.kind) {
    case 'lag':
      return lag(term, context);
    case 'rolling':
      return rolling(term, context);
    case 'calendar':
      return calendarField(term, context);
    case 'scale':
      return scale(term, context);
    case 'deviation':
      return deviation(term, context);
    case 'deviation-mean':
      return deviationMean(term, context);
    case 'level-change':
      return levelChange(term, context);
    case 'whole':
      return whole(term, context);
    case 'missing-count':
      return { name: MISSING_COUNT, lookback: 0, read: () => 0 };
  }
};
