// Hot file: columns are in range by construction, so typed-array reads are narrowed with `as
// number`.
import { DAY_MS } from '../../../core/duration.ts';
import { parseFrequency } from '../../../core/frequency.ts';
import { partOf, type HolidayEffects } from '../../../models/average/holiday-effects.ts';
import { linearDesign, profileColumn } from '../../../models/linear-design.ts';
import { INPUT_CLIP, NONE, SCALE_MIN } from '../../../models/linear-model.ts';
import { rowShape, rowWidth, type FeatureSchema } from '../../../schemas/feature-schema.ts';
import { TrainingRows, type MoreColumns, type RowsInput } from '../training-rows.ts';

const YEAR_DAYS = 365.2425;
/** Of a day; values of finer frequencies are taken together. */
const PARTS_MAX = 48;
/** Further ahead it could happen that a holiday of the year before was still to come. */
const HORIZON_DAYS_MAX = 300;

type Layout = Omit<HolidayEffects, 'days' | 'shares' | 'values'> & {
  /** Column of how far the series was off its slots' means lately. */
  readonly deviationAt: number;
  readonly periodsAYear: number;
};

/** Where a row tells of holidays; undefined where it does not, or not day by day. */
const layoutOf = (schema: FeatureSchema): Layout | undefined => {
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

/** Over the values of one year's day, by part. */
interface YearSums {
  readonly year: number;
  /** How far they were off the means of their slots, in units of the scale, and how many. */
  readonly sums: Float64Array;
  readonly counts: Float64Array;
  /** Off the same means, moved by how far the series was off them lately. */
  readonly moved: Float64Array;
}

interface Effect {
  readonly part: number;
  readonly off: number;
  readonly offMoved: number;
}

/** One special day in all years, which are counted from where it was seen first. */
class DayYears {
  /** How much of its effect comes again, once all is added. */
  share = 0;
  /** Ascending. */
  readonly years: YearSums[] = [];
  private readonly first: number;
  private readonly layout: Layout;

  constructor(layout: Layout, first: number) {
    this.layout = layout;
    this.first = first;
  }

  add(period: number, { part, off, offMoved }: Effect): void {
    const year = this.yearOf(period);
    let own = this.years.find((one) => one.year === year);
    if (own === undefined) {
      const byPart = (): Float64Array => new Float64Array(this.layout.parts);
      own = { year, sums: byPart(), counts: byPart(), moved: byPart() };
      this.years.push(own);
      this.years.sort((one, other) => one.year - other.year);
    }
    own.sums[part] = (own.sums[part] as number) + off;
    own.moved[part] = (own.moved[part] as number) + offMoved;
    own.counts[part] = (own.counts[part] as number) + 1;
  }

  /** Σ effect · what came next, and Σ effect²: over the years after the first. */
  repetition(): { readonly products: number; readonly squares: number } {
    let [products, squares] = [0, 0];
    for (let part = 0; part < this.layout.parts; part += 1) {
      let [sum, count] = [0, 0];
      for (const { sums, counts, moved } of this.years) {
        const effect = count === 0 ? 0 : sum / count;
        products += effect * (moved[part] as number);
        squares += effect ** 2 * (counts[part] as number);
        sum += sums[part] as number;
        count += counts[part] as number;
      }
    }
    return { products, squares };
  }

  /** The mean over the years before that of a period, all of them if absent; 0 for none. */
  mean(part: number, before = Infinity): number {
    const until = this.yearOf(before);
    let [sum, count] = [0, 0];
    for (const { year, sums, counts } of this.years) {
      if (year >= until) break;
      sum += sums[part] as number;
      count += counts[part] as number;
    }
    return count === 0 ? 0 : sum / count;
  }

  /** A movable feast is at most a month early or late. */
  private yearOf(period: number): number {
    return Math.round((period - this.first) / this.layout.periodsAYear);
  }
}

const clipped = (value: number): number => Math.min(INPUT_CLIP, Math.max(-INPUT_CLIP, value));

const scaleIn = (row: Float64Array, { scaleAt }: Layout): number => {
  const scale = row[scaleAt] as number;
  return scale > SCALE_MIN ? scale : 1;
};

/**
 * What holidays brought, year by year, over all series of a window: a row of it may know the years
 * before its own. Of a holiday that comes again, the last times say more than any other day does.
 */
export class HolidayYears implements MoreColumns {
  readonly count: number;
  private readonly layout: Layout;
  private readonly days = new Map<number, DayYears>();

  private constructor(layout: Layout) {
    this.layout = layout;
    this.count = 3 * layout.horizon;
  }

  /** Undefined where no special day was seen in two years: nothing can be learnt of it then. */
  static of(input: RowsInput): HolidayYears | undefined {
    const layout = layoutOf(input.featureSchema);
    if (layout === undefined) return undefined;
    const years = new HolidayYears(layout);
    years.read(input);
    years.share();
    return [...years.days.values()].some((day) => day.years.length > 1) ? years : undefined;
  }

  write(row: Float64Array, origin: number): void {
    const { layout } = this;
    const { width, horizon, dayAt, anchorAt, slotMeanAt } = layout;
    const scale = scaleIn(row, layout);
    for (let step = 0; step < horizon; step += 1) {
      const day = this.days.get(row[dayAt + step] as number);
      const effect = day?.mean(partOf(layout, row, step), origin + 1 + step) ?? 0;
      const move = scale * (day?.share ?? 0) * effect;
      row[width + step] = effect;
      row[width + horizon + step] = (row[anchorAt + step] as number) + move;
      row[width + 2 * horizon + step] = (row[slotMeanAt + step] as number) + move;
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
      const scale = scaleIn(row, layout);
      const lately = row[deviationAt] as number;
      for (let step = 0; step < horizon; step += 1) {
        const number = row[dayAt + step] as number;
        const distance = (actuals[step] as number) - (row[slotMeanAt + step] as number);
        if (number === 0 || Number.isNaN(distance - lately)) continue;
        this.dayOf(number, origin + 1 + step).add(origin + 1 + step, {
          part: partOf(layout, row, step),
          off: clipped(distance / scale),
          offMoved: clipped((distance - lately) / scale),
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
