import type { BacktestForecast } from './backtest-forecast.ts';

/** What is drawn of one forecast; single precision is finer than any screen. */
export interface ShownForecast {
  readonly origin: number;
  readonly mean: Float32Array;
  /** Of the narrowest level, and of the widest. */
  readonly lower: readonly Float32Array[];
  readonly upper: readonly Float32Array[];
}

/** More are a blur on any screen, and a page that takes long to open. */
export const SHOWN_PERIODS_MAX = 1_000;
/** 64 MB for all series together. */
const CELLS_MAX = 1 << 24;
/** What an array costs beside its cells. */
const ARRAY_CELLS = 64;
/** The mean and two pairs of bounds. */
const COLUMNS = 5;

interface KeptForecast {
  readonly origin: number;
  readonly cells: Float32Array;
}

export interface ShownForecastsOptions {
  readonly seriesCount: number;
  readonly horizon: number;
}

/**
 * The latest forecasts of each series that do not overlap, so that all steps are seen equally
 * often. Which series will be drawn is known when all are scored, so some of every series is kept,
 * the less the more there are; where there are too many, of those that come first.
 */
export class ShownForecasts {
  private readonly horizon: number;
  private readonly steps: number;
  private readonly forecastsMax: number;
  private readonly seriesMax: number;
  private readonly bySeries = new Map<string, KeptForecast[]>();

  constructor({ seriesCount, horizon }: ShownForecastsOptions) {
    this.horizon = horizon;
    this.steps = Math.min(horizon, SHOWN_PERIODS_MAX);
    const size = COLUMNS * this.steps + ARRAY_CELLS;
    this.seriesMax = Math.floor(CELLS_MAX / size);
    const affordable = Math.floor(CELLS_MAX / size / Math.max(1, seriesCount));
    const wanted = Math.floor(SHOWN_PERIODS_MAX / this.steps);
    this.forecastsMax = Math.max(1, Math.min(wanted, affordable));
  }

  /** Forecasts of a series come in the order of their origins. */
  add(forecast: BacktestForecast): void {
    const { seriesId, origin } = forecast;
    const known = this.bySeries.get(seriesId) ?? [];
    const last = known.at(-1);
    if (last === undefined && this.bySeries.size >= this.seriesMax) return;
    if (last !== undefined && origin < last.origin + this.horizon) return;
    known.push(this.kept(forecast));
    if (known.length > this.forecastsMax) known.shift();
    this.bySeries.set(seriesId, known);
  }

  /** The earliest first; none of a series that was one too many. */
  of(seriesId: string): readonly ShownForecast[] {
    const { steps } = this;
    return (this.bySeries.get(seriesId) ?? []).map(({ origin, cells }) => {
      const at = (column: number): Float32Array =>
        cells.subarray(column * steps, (column + 1) * steps);
      return { origin, mean: at(0), lower: [at(1), at(3)], upper: [at(2), at(4)] };
    });
  }

  /** All columns in one array: each array costs more than a short column. */
  private kept({ origin, mean, lower, upper }: BacktestForecast): KeptForecast {
    const { steps } = this;
    const columns = [mean, lower[0], upper[0], lower.at(-1), upper.at(-1)];
    const cells = new Float32Array(COLUMNS * steps).fill(Number.NaN);
    for (const [column, values] of columns.entries()) {
      if (values !== undefined) cells.set(values.subarray(0, steps), column * steps);
    }
    return { origin, cells };
  }
}
