// Hot file: columns are in range by construction, so typed-array reads are narrowed with `as
// number`.
import {
  effectColumns,
  partOf,
  withHolidayEffects,
  type HolidayEffects,
} from '../../../models/average/holiday-effects.ts';
import { usable, usableScale, type LinearDesign } from '../../../models/linear-model.ts';
import { TrainingRows, type MoreColumns, type RowsInput } from '../training-rows.ts';
import { DayYears } from './day-years.ts';
import { holidayLayout, type HolidayLayout } from './holiday-layout.ts';

/**
 * What holidays brought, year by year, over all series of a window: a row of it may know the years
 * before its own. Of a holiday that comes again, the last times say more than any other day does.
 */
export class HolidayYears implements MoreColumns {
  readonly count: number;
  private readonly layout: HolidayLayout;
  private readonly days = new Map<number, DayYears>();

  private constructor(layout: HolidayLayout) {
    this.layout = layout;
    this.count = effectColumns(layout).end - layout.width;
  }

  /** Undefined where no special day was seen in two years: nothing can be learnt of it then. */
  static of(input: RowsInput): HolidayYears | undefined {
    const layout = holidayLayout(input.featureSchema);
    if (layout === undefined) return undefined;
    const years = new HolidayYears(layout);
    years.read(input);
    years.share();
    return [...years.days.values()].some((day) => day.years.length > 1) ? years : undefined;
  }

  extend(design: LinearDesign): LinearDesign {
    return withHolidayEffects(design);
  }

  write(row: Float64Array, origin: number): void {
    const { layout } = this;
    const { horizon, dayAt, anchorAt, slotMeanAt } = layout;
    const { effectAt, movedAnchorAt, movedSlotMeanAt } = effectColumns(layout);
    const scale = usableScale(row[layout.scaleAt] as number);
    for (let step = 0; step < horizon; step += 1) {
      const day = this.days.get(row[dayAt + step] as number);
      const effect = day?.mean(partOf(layout, row, step), origin + 1 + step) ?? 0;
      const move = scale * (day?.share ?? 0) * effect;
      row[effectAt + step] = effect;
      row[movedAnchorAt + step] = (row[anchorAt + step] as number) + move;
      row[movedSlotMeanAt + step] = (row[slotMeanAt + step] as number) + move;
    }
  }

  /** What a row after the window is told. */
  latest(): HolidayEffects {
    const { layout } = this;
    const { width, horizon, dayAt, minuteAt, parts, anchorAt, slotMeanAt, scaleAt } = layout;
    const days = Float64Array.from(this.days.keys()).sort();
    const shares = days.map((day) => this.days.get(day)?.share ?? 0);
    const values = Float64Array.from({ length: days.length * parts }, (_, at) => {
      const day = this.days.get(days[Math.floor(at / parts)] as number);
      return day?.mean(at % parts) ?? 0;
    });
    return {
      ...{ width, horizon, dayAt, minuteAt, parts, anchorAt, slotMeanAt, scaleAt },
      ...{ days, shares, values },
    };
  }

  /** Every target once: from origins that lie a horizon apart. */
  private read(input: RowsInput): void {
    const { layout } = this;
    const { horizon, dayAt, slotMeanAt, deviationAt } = layout;
    const rows = new TrainingRows({ ...input, stride: horizon, more: undefined });
    rows.visit(() => {
      const { row, actuals, origin } = rows;
      const scale = usableScale(row[layout.scaleAt] as number);
      const lately = row[deviationAt] as number;
      for (let step = 0; step < horizon; step += 1) {
        const number = row[dayAt + step] as number;
        const distance = (actuals[step] as number) - (row[slotMeanAt + step] as number);
        if (number === 0 || Number.isNaN(distance - lately)) continue;
        this.dayOf(number, origin + 1 + step).add(origin + 1 + step, {
          part: partOf(layout, row, step),
          off: usable(distance / scale),
          offMoved: usable((distance - lately) / scale),
        });
      }
    });
  }

  /**
   * The slope of what came on what had come before, by least squares: of each day, drawn to that of
   * all as far as its effects are small.
   */
  private share(): void {
    const slopes = [...this.days.values()].map((day) => ({ day, ...day.repetition() }));
    const total = (of: 'products' | 'squares'): number =>
      slopes.reduce((sum, slope) => sum + slope[of], 0);
    const prior = { products: total('products'), squares: total('squares') };
    if (prior.squares === 0) return;
    const count = slopes.length;
    for (const { day, products, squares } of slopes) {
      const slope = (products + prior.products / count) / (squares + prior.squares / count);
      day.share = Math.min(1, Math.max(0, slope));
    }
  }

  private dayOf(number: number, period: number): DayYears {
    const known = this.days.get(number) ?? new DayYears(this.layout, period);
    this.days.set(number, known);
    return known;
  }
}
