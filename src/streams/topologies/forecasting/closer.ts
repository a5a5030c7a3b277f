import { intervalSlots } from '../../../models/calibration-buckets.ts';
import { slotOf } from '../../../features/series-window.ts';
import { outbox, type Outbox } from '../../batch.ts';
import type { Adoptions } from './adoptions.ts';
import type { ForecastingOptions, ForecastingShape } from './options.ts';
import { Issuing } from './issuing.ts';
import { NOBODY, type RoleLane } from './lane.ts';
import { OriginRows, type Trigger } from './origin-rows.ts';
import { predict } from './predictions.ts';
import { Scoring, type ScoredActual } from './scoring.ts';
import type { SeriesFunctions } from './series-functions.ts';
import type { Series, SeriesTable } from './series-table.ts';
import type { ModelNames } from './model-names.ts';
import type { Sinks } from './sinks.ts';

export interface CloserOptions {
  readonly options: ForecastingOptions;
  readonly table: SeriesTable;
  readonly lanes: readonly RoleLane[];
  readonly functionsOf: (series: Series, period: number) => SeriesFunctions;
  readonly models: ModelNames;
  readonly sinks: Sinks;
  readonly partition: number;
  /** Rows of a chunk. */
  readonly chunkRows: number;
}

export interface Closing {
  readonly series: Series;
  readonly period: number;
  /** NaN: known to be missing. */
  readonly value: number;
  readonly trigger: Trigger;
}

/**
 * Closes periods of series, a chunk at a time: scores what was said of each value, puts it into its
 * window, and forecasts from there. A chunk never holds a series twice, since the next value of a
 * series is to be scored against the forecast that this one leads to.
 */
export class Closer {
  private readonly by: CloserOptions;
  private readonly shape: ForecastingShape;
  private readonly rows: OriginRows;
  private readonly scoring: Scoring;
  private readonly issuing: Issuing;
  private readonly naive: Float64Array;
  private readonly slots: number;
  private chunk = 1;
  private outbox: Outbox = outbox();
  private readonly slotOf = (period: number): number => slotOf(period, this.slots);

  constructor(by: CloserOptions) {
    const { shape } = by.options;
    const { horizon, seasons } = shape.features;
    this.by = by;
    this.shape = shape;
    this.slots = intervalSlots(seasons);
    const { plan, naive } = shape.functions(shape.features.timeZone);
    this.naive = new Float64Array(shape.forecast.scoredSteps * naive.names.length);
    this.rows = new OriginRows({ capacity: by.chunkRows, width: plan.width, horizon });
    this.scoring = this.scoringOf(naive.names);
    this.issuing = this.issuingOf(plan);
  }

  /** The batch that what follows is written into. */
  begin(into: Outbox): void {
    this.outbox = into;
    this.rows.clear();
    this.chunk += 1;
  }

  /** Whether the chunk must be flushed before this series, if any, can be closed once more. */
  mustFlush(series: Series | undefined): boolean {
    return this.rows.isFull || series?.chunk === this.chunk;
  }

  close({ series, period, value, trigger }: Closing): void {
    const { table, functionsOf } = this.by;
    const { aggregation, forecast } = this.shape;
    const functions = functionsOf(series, period);
    series.chunk = this.chunk;
    if (!Number.isNaN(value)) this.score(series, { period, value, revision: 0, superseded: null });
    table.append(series, period, { value, fill: aggregation.empty });
    if (!this.isDue(period)) return;
    const { rows } = this;
    const row = rows.add(series, period, trigger);
    functions.fill(rows, row);
    const history = period - table.startOf(series) + 1;
    rows.young[row] = history > forecast.historyNeeded ? 0 : 1;
  }

  /** Scores an actual, new or corrected, against what was said of it. */
  score(
    series: Series,
    said: { period: number; value: number; revision: number; superseded: number | null },
  ): void {
    const { period, value, revision, superseded } = said;
    const { lanes, functionsOf } = this.by;
    if (!lanes.some(({ open }) => open.find(series))) return;
    functionsOf(series, period).naive.writeTarget(series.window, period, this.naive);
    const actual: ScoredActual = {
      period,
      target: this.shape.periods.startOf(period),
      actual: value,
      revision,
      supersededActual: superseded,
      slot: this.slotOf(period),
    };
    for (const lane of lanes) this.scoring.score(lane, series, actual);
  }

  /** Forecasts from every origin of the chunk, and begins the next one. */
  async flush(adoptions: Adoptions): Promise<void> {
    const { rows } = this;
    if (rows.count > 0) {
      for (const lane of this.by.lanes) await this.predict(lane, adoptions);
      for (let row = 0; row < rows.count; row += 1) this.issue(row);
    }
    rows.clear();
    this.chunk += 1;
  }

  private async predict(lane: RoleLane, adoptions: Adoptions): Promise<void> {
    const { options } = this.by;
    const { rows } = this;
    await predict(lane, {
      rows,
      adoptions,
      shelf: options.shelf,
      periods: this.shape.periods,
      climb: (row) => {
        const series = rows.series[row];
        const period = rows.period[row];
        if (series === undefined || period === undefined) return;
        this.by.functionsOf(series, period).climb(rows, row);
      },
      modelName: options.model,
      metrics: options.metrics,
      outbox: this.outbox,
      clock: options.clock,
      onMisfit: options.onMisfit,
    });
  }

  private issue(row: number): void {
    if (this.shape.publishesFeatures) this.issuing.features(this.rows, row);
    for (const lane of this.by.lanes) {
      if (lane.serial[row] === NOBODY) continue;
      this.issuing.forecast(lane, this.rows, row);
    }
  }

  private isDue(period: number): boolean {
    const { every, fromMs } = this.shape.forecast;
    return slotOf(period, every) === 0 && this.shape.periods.startOf(period) >= fromMs;
  }

  /** All lanes have the same layout. */
  private get firstLane(): RoleLane {
    const [lane] = this.by.lanes;
    if (lane === undefined) throw new Error('a task has a lane for its champion');
    return lane;
  }

  private scoringOf(naiveNames: readonly string[]): Scoring {
    const { models, sinks } = this.by;
    const { levels } = this.shape;
    const { open } = this.firstLane;
    return new Scoring({
      shape: { open: open.layout, levels, naiveNames },
      naive: this.naive,
      modelOf: (serial) => models.find(serial),
      emit: (series, score) => {
        sinks.score(this.outbox, series.id, score);
      },
    });
  }

  private issuingOf(plan: SeriesFunctions['plan']): Issuing {
    const { models, sinks, options } = this.by;
    const { features, levels, periods } = this.shape;
    const shape = {
      stream: options.stream,
      source: { topic: options.observations.name, partition: this.by.partition },
      frequency: features.frequency,
      schemaHash: plan.schemaHash,
      horizon: features.horizon,
      scalarWidth: plan.scalarWidth,
      levels,
      startOf: (period: number) => periods.startOf(period),
      slotOf: this.slotOf,
    };
    return new Issuing(shape, {
      modelOf: (serial) => models.find(serial),
      emitForecast: (series, forecast) => {
        sinks.forecast(this.outbox, series.id, forecast);
      },
      emitFeatures: (series, vector) => {
        sinks.features(this.outbox, series.id, vector);
      },
    });
  }
}
