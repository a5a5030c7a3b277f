// Hot file: indices are in range by construction (a block is never filled beyond its size), so
// typed-array reads are narrowed with `as number`.
import { calendarOf, NO_HOLIDAYS } from '../calendars/calendar.ts';
import { compileFeatures, type FeaturePlan } from '../features/feature-plan.ts';
import { naiveOpponents, type NaiveOpponents } from '../features/naive-opponents.ts';
import { ownedWindow, type SeriesWindow } from '../features/series-window.ts';
import { OutputRange } from '../models/output-range.ts';
import { featureSchemaHash, type FeatureSchema } from '../schemas/feature-schema.ts';
import type { Panel, SeriesHistory } from './history.ts';

/** Origins that a block holds at most: two megabytes of rows of default features at horizon 24. */
const BLOCK_ORIGINS_MAX = 256;
/** And columns of them: 16 MB, which rows of some 200 steps come to. */
const BLOCK_VALUES_MAX = 2_000_000;

/** What was known of one series at some origins, computed by the functions that the stream uses. */
export interface OriginBlock {
  readonly series: SeriesHistory;
  readonly count: number;
  /** Period numbers, ascending. */
  readonly origins: Float64Array;
  /** Feature rows, count × width, by the hash of their schema. */
  readonly rows: ReadonlyMap<string, Float64Array>;
  /** count × horizon × opponents. */
  readonly naive: Float64Array;
  /** Unit of relative errors: mean seasonal difference over the last three long seasons. */
  readonly scale: Float64Array;
  /**
   * Mean seasonal difference over all history up to the origin: the denominator of MASE; NaN before
   * there is one.
   */
  readonly inSample: Float64Array;
  /** The same of squared differences: the denominator of RMSSE. */
  readonly inSampleSquared: Float64Array;
  /** What a forecast may reach, by the row of the first schema. */
  readonly floor: Float64Array;
  readonly ceiling: Float64Array;
  /** Mean difference of neighbouring values up to the origin; NaN before there is one. */
  readonly moves: Float64Array;
  /** The latest known value. */
  readonly last: Float64Array;
  /** Periods from the first known value to the origin. */
  readonly history: Float64Array;
}

export interface OriginOptions {
  readonly panel: Panel;
  /** Of the models; all agree on frequency, zone, seasons and horizon. */
  readonly schemas: readonly [FeatureSchema, ...FeatureSchema[]];
  /** Period numbers, ascending; every series is seen at all of them that lie in its history. */
  readonly origins: readonly number[];
}

interface Functions {
  readonly plans: readonly FeaturePlan[];
  /** Of the first plan. */
  readonly range: OutputRange;
  readonly scale: FeaturePlan;
  readonly naive: NaiveOpponents;
  readonly lookback: number;
}

/** Names of the naive opponents of a schema, in the order of a block's values. */
export const opponentNames = (schema: FeatureSchema): readonly string[] =>
  naiveOpponents(schema).names;

/**
 * Series by series, blocks of origins in order. Nothing after an origin is ever put into its
 * window.
 */
export const originBlocks = function* (options: OriginOptions): Generator<OriginBlock> {
  const byZone = new Map<string | undefined, Functions>();
  const functionsIn = (zone?: string): Functions => {
    const known = byZone.get(zone) ?? functionsOf(options, zone);
    byZone.set(zone, known);
    return known;
  };
  for (const series of options.panel.series) {
    const functions = { before: functionsIn(), own: functionsIn(series.timeZone) };
    const { firstPeriod, values } = series;
    const within = options.origins.filter(
      (origin) => origin >= firstPeriod && origin < firstPeriod + values.length,
    );
    if (within.length > 0) yield* new SeriesWalk(series, functions, options).blocks(within);
  }
};

const functionsOf = ({ panel, schemas }: OriginOptions, timeZone?: string): Functions => {
  const calendar = panel.holidays === null ? NO_HOLIDAYS : calendarOf(panel.holidays);
  const compile = (schema: FeatureSchema): FeaturePlan =>
    compileFeatures(schema, { calendar, timeZone: timeZone ?? schema.timeZone });
  const distinct = new Map(schemas.map((schema) => [featureSchemaHash(schema), schema]));
  const plans = [...distinct.values()].map(compile);
  const [first] = schemas;
  const scale = compile({ ...first, holidays: null, terms: [{ kind: 'scale' }] });
  const naive = naiveOpponents({ ...first, timeZone: timeZone ?? first.timeZone });
  const lookback = Math.max(scale.lookback, naive.lookback, ...plans.map((plan) => plan.lookback));
  const range = new OutputRange(plans[0]?.names ?? []);
  return { plans, range, scale, naive, lookback };
};

/** In the zone of a series, and in the schema's, for the periods before it had its own. */
interface ZonedFunctions {
  readonly before: Functions;
  readonly own: Functions;
}

/** How many origins one block holds of rows of these features. */
const blockOrigins = (plans: readonly FeaturePlan[]): number => {
  const width = plans.reduce((sum, plan) => sum + plan.width, 0);
  return Math.max(1, Math.min(BLOCK_ORIGINS_MAX, Math.floor(BLOCK_VALUES_MAX / width)));
};

/** Goes through one series once, period by period. */
class SeriesWalk {
  private readonly series: SeriesHistory;
  private readonly functions: ZonedFunctions;
  private readonly season: number;
  private readonly horizon: number;
  private readonly window: SeriesWindow;
  private next: number;
  private first = Number.NaN;
  private last = Number.NaN;
  private differences = 0;
  private squares = 0;
  private differenceCount = 0;
  private moves = 0;
  private moveCount = 0;

  constructor(series: SeriesHistory, functions: ZonedFunctions, { schemas }: OriginOptions) {
    const { before, own } = functions;
    this.series = series;
    this.functions = functions;
    this.season = schemas[0].seasons[0] ?? 1;
    this.horizon = schemas[0].horizon;
    this.next = series.firstPeriod;
    this.window = ownedWindow(Math.max(before.lookback, own.lookback) + 1);
  }

  *blocks(origins: readonly number[]): Generator<OriginBlock> {
    const size = blockOrigins(this.functions.own.plans);
    for (let from = 0; from < origins.length; from += size) {
      const part = origins.slice(from, from + size);
      const block = this.emptyBlock(part.length);
      for (const [index, origin] of part.entries()) {
        this.moveTo(origin);
        this.fill(block, index, origin);
      }
      yield block;
    }
  }

  private emptyBlock(count: number): OriginBlock {
    const { plans, naive } = this.functions.own;
    const column = (): Float64Array => new Float64Array(count);
    return {
      series: this.series,
      count,
      origins: column(),
      rows: new Map(
        plans.map(({ schemaHash, width }) => [schemaHash, new Float64Array(count * width)]),
      ),
      naive: new Float64Array(count * this.horizon * naive.names.length),
      scale: column(),
      inSample: column(),
      inSampleSquared: column(),
      floor: column(),
      ceiling: column(),
      moves: column(),
      last: column(),
      history: column(),
    };
  }

  private moveTo(origin: number): void {
    const { firstPeriod, values } = this.series;
    for (; this.next <= origin; this.next += 1) {
      const index = this.next - firstPeriod;
      const value = values[index] as number;
      this.window.append(this.next, value);
      if (Number.isNaN(value)) continue;
      if (Number.isNaN(this.first)) this.first = this.next;
      this.addMove(Math.abs(value - this.last));
      this.last = value;
      const difference = Math.abs(value - (values[index - this.season] ?? Number.NaN));
      if (Number.isNaN(difference)) continue;
      this.differences += difference;
      this.squares += difference * difference;
      this.differenceCount += 1;
    }
  }

  private addMove(move: number): void {
    if (Number.isNaN(move)) return;
    this.moves += move;
    this.moveCount += 1;
  }

  private fill(block: OriginBlock, index: number, origin: number): void {
    const { before, own } = this.functions;
    const functions = origin < (this.series.timeZoneFrom ?? -Infinity) ? before : own;
    const { plans, scale, naive } = functions;
    for (const [place, plan] of plans.entries()) {
      const rows = block.rows.get(plan.schemaHash);
      const at = index * plan.width;
      if (rows === undefined) continue;
      plan.write(this.window, origin, rows, at);
      if (place > 0) continue;
      block.floor[index] = functions.range.floorOf(rows, at);
      block.ceiling[index] = functions.range.ceilingOf(rows, at);
    }
    naive.write(this.window, origin, block.naive, index * this.horizon * naive.names.length);
    scale.write(this.window, origin, block.scale, index);
    block.origins[index] = origin;
    block.inSample[index] = this.differences / this.differenceCount;
    block.inSampleSquared[index] = this.squares / this.differenceCount;
    block.moves[index] = this.moves / this.moveCount;
    block.last[index] = this.last;
    block.history[index] = Number.isNaN(this.first) ? 0 : origin - this.first + 1;
  }
}
