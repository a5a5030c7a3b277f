// Hot file: indices are in range by construction (columns of the plan's own row), so typed-array
// reads are narrowed with `as number`.
import type { Calendar } from '../../../calendars/calendar.ts';
import { compileFeatures, type FeaturePlan } from '../../../features/feature-plan.ts';
import { naiveOpponents, type NaiveOpponents } from '../../../features/naive-opponents.ts';
import { seasonPair, type SeasonPair } from '../../../features/season-pair.ts';
import type { SeriesWindow } from '../../../features/series-window.ts';
import { isStill } from '../../../features/terms/scale.ts';
import { intervalUnit } from '../../../models/interval-unit.ts';
import { NaiveLadder } from '../../../models/naive.ts';
import { OutputRange } from '../../../models/output-range.ts';
import type { FeatureSchema } from '../../../schemas/feature-schema.ts';
import type { OriginRows } from './origin-rows.ts';

/** What is computed of a series in one time zone. */
export interface SeriesFunctions {
  readonly plan: FeaturePlan;
  readonly naive: NaiveOpponents;
  /** Fills the columns of a row from the window of its series. */
  fill(rows: OriginRows, row: number): void;
  /** Asks the naive ladder for a row. */
  climb(rows: OriginRows, row: number): void;
}

export interface FunctionsOptions {
  readonly schema: FeatureSchema;
  readonly calendar: Calendar;
}

/** How far back the ladder looks for a value when the latest ones are missing. */
const LAST_VALUE_PERIODS_MAX = 1_000;

const lastKnown = (window: SeriesWindow, origin: number): number => {
  const end = Math.max(window.first, origin - LAST_VALUE_PERIODS_MAX);
  for (let period = origin; period >= end; period -= 1) {
    const value = window.at(period);
    if (!Number.isNaN(value)) return value;
  }
  return Number.NaN;
};

/** Moves that the unit of a young series is the mean of. */
const YOUNG_MOVES_MAX = 32;

const youngUnit = (window: SeriesWindow, origin: number): number => {
  const end = Math.max(window.first, origin - LAST_VALUE_PERIODS_MAX);
  let [last, later, sum, count] = [Number.NaN, Number.NaN, 0, 0];
  for (let period = origin; period >= end && count < YOUNG_MOVES_MAX; period -= 1) {
    const value = window.at(period);
    if (Number.isNaN(value)) continue;
    if (Number.isNaN(last)) last = value;
    else {
      sum += Math.abs(later - value);
      count += 1;
    }
    later = value;
  }
  return intervalUnit(Number.NaN, sum / count, last);
};

class CompiledFunctions implements SeriesFunctions {
  readonly plan: FeaturePlan;
  readonly naive: NaiveOpponents;
  private readonly ladder: NaiveLadder;
  private readonly said: Float64Array;
  private readonly seasons: SeasonPair;
  private readonly range: OutputRange;
  private readonly scaleColumn: number;

  constructor({ schema, calendar }: FunctionsOptions, timeZone: string) {
    this.plan = compileFeatures(schema, { calendar, timeZone });
    this.naive = naiveOpponents({ ...schema, timeZone });
    this.seasons = seasonPair(schema.seasons);
    const { names } = this.naive;
    this.ladder = new NaiveLadder(names, schema.horizon);
    this.said = new Float64Array(schema.horizon * names.length);
    this.range = new OutputRange(this.plan.names);
    this.scaleColumn = this.plan.names.indexOf('scale');
  }

  fill(rows: OriginRows, row: number): void {
    const { plan, range, scaleColumn } = this;
    const { features } = rows;
    const at = row * plan.width;
    const series = rows.series[row];
    if (series === undefined) return;
    const { window } = series;
    const origin = rows.period[row] as number;
    plan.write(window, origin, features, at);
    const scale = scaleColumn < 0 ? Number.NaN : (features[at + scaleColumn] as number);
    rows.scale[row] = isStill(scale, { window, origin }, this.seasons) ? 0 : scale;
    rows.unit[row] = scale > 0 ? scale : youngUnit(window, origin);
    rows.floor[row] = range.floorOf(features, at);
    rows.ceiling[row] = range.ceilingOf(features, at);
  }

  climb(rows: OriginRows, row: number): void {
    const series = rows.series[row];
    if (series === undefined) return;
    const origin = rows.period[row] as number;
    this.naive.write(series.window, origin, this.said, 0);
    rows.rung[row] = this.ladder.write({
      naive: this.said,
      naiveAt: 0,
      last: lastKnown(series.window, origin),
      out: rows.ladder,
      outAt: row * rows.shape.horizon,
    });
  }
}

/** The functions of each zone that series are in, compiled once. */
export const functionsByZone = (options: FunctionsOptions): ((zone: string) => SeriesFunctions) => {
  const byZone = new Map<string, SeriesFunctions>();
  return (zone) => {
    const known = byZone.get(zone);
    if (known !== undefined) return known;
    const made = new CompiledFunctions(options, zone);
    byZone.set(zone, made);
    return made;
  };
};
