import { NONE, type LinearDesign } from '../linear-model.ts';

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

/** Where the three profiles are in a row: the effect, the anchor and the slot mean moved by it. */
export const effectColumns = ({
  width,
  horizon,
}: Pick<HolidayEffects, 'width' | 'horizon'>): {
  readonly effectAt: number;
  readonly movedAnchorAt: number;
  readonly movedSlotMeanAt: number;
  readonly end: number;
} => ({
  effectAt: width,
  movedAnchorAt: width + horizon,
  movedSlotMeanAt: width + 2 * horizon,
  end: width + 3 * horizon,
});

/** How a model reads rows that have them: it starts from what was moved, and reads the effect. */
export const withHolidayEffects = (design: LinearDesign): LinearDesign => {
  const { effectAt, movedAnchorAt, movedSlotMeanAt, end } = effectColumns(design);
  return {
    ...design,
    width: end,
    anchors: [movedAnchorAt, ...design.anchors.slice(1)],
    slotMean: movedSlotMeanAt,
    profiles: [...design.profiles, { kind: 'plain', column: effectAt }],
  };
};

/** The place of the effect among the inputs of trees that read it: that of the last profile. */
export const effectInput = ({ scalars, profiles }: LinearDesign): number =>
  scalars.length + profiles.length - 1;

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
