import { DAY_MS } from '../../core/duration.ts';
import { parseFrequency } from '../../core/frequency.ts';
import { startOf } from '../../evaluation/history.ts';
import { linearDesign, treeDesign } from '../../models/linear-design.ts';
import type { LinearDesign } from '../../models/linear-model.ts';
import type { RowsInput } from './training-rows.ts';

/** Days of targets from which on a season of the year can be told from a trend. */
const YEAR_DAYS = 396;

const extended = (design: LinearDesign, { more }: RowsInput): LinearDesign =>
  more?.extend(design) ?? design;

/** How a linear model reads the rows of a window. */
export const linearDesignOf = (input: RowsInput): LinearDesign =>
  extended(linearDesign(input.featureSchema, { readsYear: seesYear(input) }), input);

/** Length of the window of targets, as far as there are values. */
export const daysOf = ({ featureSchema, series, fromPeriod, toPeriod }: RowsInput): number => {
  const { frequency, timeZone } = featureSchema;
  const first = startOf(series);
  const periods = toPeriod - Math.max(fromPeriod, first);
  return (periods * parseFrequency(frequency, timeZone).nominalMs) / DAY_MS;
};

/** Whether the window is long enough to tell a season of the year from a trend. */
export const seesYear = (input: RowsInput): boolean => daysOf(input) >= YEAR_DAYS;

/** Inputs relative to the anchor, those of the year only where there is enough to tell it. */
export const relativeDesign = (input: RowsInput): LinearDesign =>
  extended(treeDesign(input.featureSchema, { readsYear: seesYear(input) }), input);
