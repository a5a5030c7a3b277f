import { NONE } from '../linear-model.ts';

/**
 * What the holidays of a panel brought, and the days around them: how far values were off the mean
 * of their slot on the days of the weeks before, in units of each series' scale. A row has three
 * more profiles for it: the effect, and what forecasts start from, moved by a share of it.
 */
export interface HolidayEffects {
  /** Columns of a row; those of the three profiles follow. */
  readonly width: number;
  readonly horizon: number;
  /** First columns of each target's special day, and of its minute of the day or `NONE`. */
  readonly dayAt: number;
  readonly minuteAt: number;
  /** First columns of the anchor and of the slot mean, and that of the scale. */
  readonly anchorAt: number;
  readonly slotMeanAt: number;
  readonly scaleAt: number;
  /** Equal parts of a day. */
  readonly parts: number;
  /** Special days, ascending. */
  readonly days: Float64Array;
  /** By day, 0..1: how much of its effect came again in years that followed. */
  readonly shares: Float64Array;
  /** days × parts. */
  readonly values: Float64Array;
}

const DAY_MINUTES = 1440;

/** Minutes of one part of a day. */
export const partMinutes = ({ parts }: Pick<HolidayEffects, 'parts'>): number =>
  DAY_MINUTES / parts;

/** Which part of its day a target lies in; the only one where a row does not tell. */
export const partOf = (
  effects: Pick<HolidayEffects, 'parts' | 'minuteAt'>,
  row: Float64Array,
  step: number,
): number => {
  if (effects.minuteAt === NONE) return 0;
  return Math.floor((row[effects.minuteAt + step] ?? 0) / partMinutes(effects));
};
