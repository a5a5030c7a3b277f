// Hot file: indices are in range by construction (origins lie inside the series), so typed-array
// reads are narrowed with `as number`.
import { calendarOf, NO_HOLIDAYS, type Holidays } from '../../calendars/calendar.ts';
import { commonDivisor } from '../../core/common-divisor.ts';
import { historyNeeded } from '../../evaluation/history.ts';
import { compileFeatures, type FeaturePlan } from '../../features/feature-plan.ts';
import { ownedWindow } from '../../features/series-window.ts';
import type { LinearDesign } from '../../models/linear-model.ts';
import type { FeatureSchema } from '../../schemas/feature-schema.ts';
import type { TrainingSeries } from '../trainer.ts';
import { originPhases, type OriginSpan } from './origin-phases.ts';

/** Rows that a linear fit is content with; more cost time and change little. */
const ROWS_ENOUGH = 100_000;

/** Columns of a training row that follow on those of the feature schema. */
export interface MoreColumns {
  readonly count: number;
  /** How a model reads rows that have them. */
  extend(design: LinearDesign): LinearDesign;
  /** Writes them into a row that is complete but for them, from what its origin may know. */
  write(row: Float64Array, origin: number): void;
}

export interface RowsInput {
  readonly featureSchema: FeatureSchema;
  /** In the order in which they are learnt from. */
  readonly series: readonly TrainingSeries[];
  readonly holidays: Holidays | null;
  readonly fromPeriod: number;
  readonly toPeriod: number;
  /** Periods from one origin to the next; chosen by the number of rows if absent. */
  readonly stride?: number;
  readonly more?: MoreColumns | undefined;
}

/**
 * The least stride that gives about as many rows as are enough, over all series, coprime with every
 * season: else some slots would never be an origin of a series. Seven hours are coprime with the
 * day and divide the week: each hour of the day would be seen on one weekday alone.
 */
const strideFor = (origins: number, rowsEnough: number, seasons: readonly number[]): number => {
  let stride = Math.max(1, Math.ceil(origins / rowsEnough));
  while (seasons.some((season) => commonDivisor(season, stride) > 1)) stride += 1;
  return stride;
};

/** How many origins of a span lie whole strides before or behind one. */
const countOf = ({ first, last }: OriginSpan, stride: number, latest = last): number =>
  Math.max(0, Math.floor((latest - first) / stride) - Math.ceil((latest - last) / stride) + 1);

/** Visits every row of a training window, series by series, origin by origin. */
export class TrainingRows {
  /** Features of the row. */
  readonly row: Float64Array;
  /** What came of its targets, NaN where that is not known. */
  readonly actuals: Float64Array;
  /** Whose it is, and from which period. */
  seriesId = '';
  origin = 0;
  /** Rows at most: those whose targets are all missing are not visited. */
  readonly count: number;
  private readonly input: RowsInput;
  private readonly plans = new Map<string, FeaturePlan>();
  private readonly stride: number;
  /** Of each series, and how far before the end of the window its latest one lies at most. */
  private readonly spans: readonly OriginSpan[];
  private readonly phases: Float64Array;

  constructor(input: RowsInput, rowsEnough = ROWS_ENOUGH) {
    this.input = input;
    this.row = new Float64Array(this.planOf().width + (input.more?.count ?? 0));
    this.actuals = new Float64Array(input.featureSchema.horizon);
    const { horizon, seasons } = input.featureSchema;
    this.spans = input.series.map((one) => this.originsOf(one));
    const origins = this.spans.reduce((sum, span) => sum + countOf(span, 1), 0);
    this.stride = input.stride ?? strideFor(origins, rowsEnough, seasons);
    this.phases =
      input.stride === undefined
        ? originPhases(this.spans, { stride: this.stride, horizon })
        : new Float64Array(this.spans.length);
    this.count = this.spans.reduce((sum, _span, index) => sum + this.rowsOf(index), 0);
  }

  /**
   * Calls `visit` when `row` and `actuals` hold the next row; `done` after each series with the
   * number of them.
   */
  visit(visit: () => void, done: (seriesCount: number) => void = () => undefined): void {
    for (const [index, series] of this.input.series.entries()) {
      if (this.rowsOf(index) > 0) this.visitSeries(series, index, visit);
      done(index + 1);
    }
  }

  private rowsOf(index: number): number {
    return countOf(this.spans[index] as OriginSpan, this.stride, this.latestOf(index));
  }

  /** The origin that those of a series are counted back from. */
  private latestOf(index: number): number {
    const { toPeriod, featureSchema } = this.input;
    return toPeriod - 1 - featureSchema.horizon - (this.phases[index] as number);
  }

  /** Origins whose targets all lie in the window and that have enough history. */
  private originsOf({ seriesId, firstPeriod, values }: TrainingSeries): OriginSpan {
    const { featureSchema, fromPeriod, toPeriod } = this.input;
    const known = values.findIndex((value) => !Number.isNaN(value));
    const start = firstPeriod + (known < 0 ? values.length : known);
    const end = Math.min(toPeriod, firstPeriod + values.length);
    return {
      seriesId,
      first: Math.max(start + historyNeeded(featureSchema.seasons), fromPeriod - 1),
      last: end - 1 - featureSchema.horizon,
    };
  }

  private visitSeries(series: TrainingSeries, index: number, visit: () => void): void {
    const { first, last } = this.spans[index] as OriginSpan;
    const latest = this.latestOf(index);
    this.seriesId = series.seriesId;
    const { firstPeriod, values, timeZoneFrom = -Infinity } = series;
    const [before, own] = [this.planOf(), this.planOf(series.timeZone)];
    const window = ownedWindow(Math.max(before.lookback, own.lookback) + 1);
    for (let origin = firstPeriod; origin <= last; origin += 1) {
      window.append(origin, values[origin - firstPeriod] as number);
      if (origin < first || (latest - origin) % this.stride !== 0) continue;
      const next = origin - firstPeriod + 1;
      this.actuals.set(values.subarray(next, next + this.actuals.length));
      if (this.actuals.every(Number.isNaN)) continue;
      (origin < timeZoneFrom ? before : own).write(window, origin, this.row, 0);
      this.input.more?.write(this.row, origin);
      this.origin = origin;
      visit();
    }
  }

  private planOf(timeZone = this.input.featureSchema.timeZone): FeaturePlan {
    const known = this.plans.get(timeZone);
    if (known !== undefined) return known;
    const { holidays, featureSchema } = this.input;
    const calendar = holidays === null ? NO_HOLIDAYS : calendarOf(holidays);
    const plan = compileFeatures(featureSchema, { calendar, timeZone });
    this.plans.set(timeZone, plan);
    return plan;
  }
}
