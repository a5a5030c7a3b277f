// Hot file: indices are in range by construction (rows, steps and levels are counted by the shape),
// so typed-array reads are narrowed with `as number`.
import { HashPrefix } from '../../../core/content-hash.ts';
import { NOTHING } from '../../../models/naive.ts';
import type { FeatureVector } from '../../../schemas/feature-vector.ts';
import type { Forecast, ForecastInterval, ModelRef } from '../../../schemas/forecast.ts';
import type { RoleLane } from './lane.ts';
import { within } from './open-forecasts.ts';
import type { OriginRows } from './origin-rows.ts';
import type { Series } from './series-table.ts';

export interface IssuingShape {
  readonly stream: string;
  /** The partition of observations that forecasts are owed to. */
  readonly source: { readonly topic: string; readonly partition: number };
  readonly frequency: string;
  readonly schemaHash: string;
  readonly horizon: number;
  /** Columns of a row that are published: its scalars. */
  readonly scalarWidth: number;
  readonly levels: readonly number[];
  readonly startOf: (period: number) => number;
  readonly slotOf: (period: number) => number;
}

export interface IssuingHost {
  modelOf(serial: number): ModelRef | undefined;
  /** Takes values that are overwritten by the next ones: to be encoded at once. */
  emitForecast(series: Series, forecast: Forecast): void;
  emitFeatures(series: Series, features: FeatureVector): void;
}

type Bounds = { -readonly [Key in keyof ForecastInterval]: ForecastInterval[Key] };

/** Makes forecasts of what lanes say: intervals, the open slot, the record. */
export class Issuing {
  private readonly shape: IssuingShape;
  private readonly host: IssuingHost;
  private readonly intervals: Bounds[];
  /** Of the forecast at hand, step by step; views of what lanes say would be made for each. */
  private readonly means: Float64Array;
  /** Half widths, step by step and level by level. */
  private readonly halves: Float32Array;
  /** The columns of a row that are published. */
  private readonly scalars: Float64Array;
  /** What forecast ids of a model begin with. */
  private ids: { readonly model: ModelRef; readonly prefix: HashPrefix } | undefined;

  constructor(shape: IssuingShape, host: IssuingHost) {
    const { horizon } = shape;
    this.shape = shape;
    this.host = host;
    this.means = new Float64Array(horizon);
    this.halves = new Float32Array(horizon * shape.levels.length);
    this.scalars = new Float64Array(shape.scalarWidth);
    this.intervals = shape.levels.map((level) => ({
      level,
      lower: new Float32Array(horizon),
      upper: new Float32Array(horizon),
    }));
  }

  features(rows: OriginRows, row: number): void {
    const { schemaHash, scalarWidth, startOf } = this.shape;
    const series = rows.series[row] as Series;
    const at = row * rows.shape.width;
    for (let column = 0; column < scalarWidth; column += 1) {
      this.scalars[column] = rows.features[at + column] as number;
    }
    this.host.emitFeatures(series, {
      seriesId: series.id,
      origin: startOf(rows.period[row] as number),
      schemaHash,
      values: this.scalars,
    });
  }

  /** Opens and publishes what a lane says of a row; nothing where nobody has anything to say. */
  forecast(lane: RoleLane, rows: OriginRows, row: number): void {
    const serial = lane.serial[row] as number;
    const model = this.host.modelOf(serial);
    const strategy = lane.strategy[row] ?? NOTHING;
    if (model === undefined || strategy === NOTHING) return;
    const series = rows.series[row] as Series;
    const period = rows.period[row] as number;
    this.open(lane, rows, row);
    const { source, frequency, horizon, schemaHash, startOf } = this.shape;
    const { topic, partition } = source;
    const origin = startOf(period);
    this.host.emitForecast(series, {
      forecastId: this.idsOf(model).with([series.id, origin]),
      seriesId: series.id,
      origin,
      frequency,
      horizon,
      mean: this.means,
      intervals: this.intervals,
      model,
      schemaHash,
      strategy,
      source: { topic, partition, offset: rows.triggerOffset[row] as number },
      trigger: 'observation',
      generatedAt: rows.triggeredAtMs[row] as number,
    });
  }

  /** By identity: neighbours are of one model most often. */
  private idsOf(model: ModelRef): HashPrefix {
    const { stream, horizon } = this.shape;
    if (this.ids?.model === model) return this.ids.prefix;
    const prefix = new HashPrefix([stream, horizon, 'observation', model.sha256]);
    this.ids = { model, prefix };
    return prefix;
  }

  private open(lane: RoleLane, rows: OriginRows, row: number): void {
    const { open, calibration } = lane;
    const { horizon, slotOf } = this.shape;
    const series = rows.series[row] as Series;
    const origin = rows.period[row] as number;
    const scale = rows.scale[row] as number;
    const floor = rows.floor[row] as number;
    const ceiling = rows.ceiling[row] as number;
    const unit = rows.unit[row] as number;
    lane.calibrate(series, unit);
    if (rows.isYoung(row) && Number.isNaN(scale)) lane.renew(unit);
    lane.speak(lane.serial[row] as number, scale);
    calibration.halves(slotOf(origin + 1), this.halves);
    open.open(series);
    open.begin({ origin, model: lane.serial[row] as number, scale, floor, ceiling });
    const { means } = this;
    const at = row * horizon;
    for (let step = 0; step < horizon; step += 1) means[step] = lane.means[at + step] as number;
    open.say(origin, means, this.halves);
    this.bound(floor, ceiling);
  }

  /** The same arithmetic as when the forecast is scored, so that both see the same bounds. */
  private bound(floor: number, ceiling: number): void {
    const { means, halves, intervals } = this;
    const levels = intervals.length;
    for (let level = 0; level < levels; level += 1) {
      const { lower, upper } = intervals[level] as Bounds;
      for (let index = 0; index < means.length; index += 1) {
        const mean = means[index] as number;
        const half = halves[index * levels + level] as number;
        lower[index] = within(mean - half, floor, ceiling);
        upper[index] = within(mean + half, floor, ceiling);
      }
    }
  }
}
