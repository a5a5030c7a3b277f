import { DAY_MS } from '../../../core/duration.ts';
import { parseFrequency } from '../../../core/frequency.ts';
import type { HolidayEffects } from '../../../models/average/holiday-effects.ts';
import { linearDesign, profileColumn } from '../../../models/linear-design.ts';
import { NONE } from '../../../models/linear-model.ts';
import { rowShape, rowWidth, type FeatureSchema } from '../../../schemas/feature-schema.ts';

const YEAR_DAYS = 365.2425;
/** Of a day; values of finer frequencies are taken together. */
const PARTS_MAX = 48;
/** Further ahead it could happen that a holiday of the year before was still to come. */
const HORIZON_DAYS_MAX = 300;

export type HolidayLayout = Omit<HolidayEffects, 'days' | 'shares' | 'values'> & {
  /** Column of how far the series was off its slots' means lately. */
  readonly deviationAt: number;
  readonly periodsAYear: number;
};

/** Where a row tells of holidays; undefined where it does not, or not day by day. */
export const holidayLayout = (schema: FeatureSchema): HolidayLayout | undefined => {
  const { horizon } = schema;
  const { nominalMs } = parseFrequency(schema.frequency, schema.timeZone);
  const dayAt = profileColumn(schema, ({ of }) => of === 'special-day');
  const { slotMean: slotMeanAt, anchors, scale: scaleAt, deviation } = linearDesign(schema);
  const [anchorAt = NONE] = anchors;
  const isFar = horizon * nominalMs > HORIZON_DAYS_MAX * DAY_MS;
  const isTold = ![dayAt, slotMeanAt, anchorAt, scaleAt, deviation].includes(NONE);
  if (!isTold || nominalMs > DAY_MS || isFar) return undefined;
  const minuteAt = profileColumn(
    schema,
    (profile) => profile.of === 'calendar' && profile.field === 'minuteofday',
  );
  const parts = minuteAt === NONE ? 1 : Math.min(PARTS_MAX, Math.round(DAY_MS / nominalMs));
  return {
    ...{ horizon, dayAt, minuteAt, parts, anchorAt, slotMeanAt, scaleAt, deviationAt: deviation },
    width: rowWidth(rowShape(schema)),
    periodsAYear: (YEAR_DAYS * DAY_MS) / nominalMs,
  };
};
