// Hot file: indices are in range by construction (steps × opponents), so typed-array reads are
// narrowed with `as number`.
import { isCovered } from '../models/interval-calibration.ts';
import type { BacktestForecast } from './backtest.ts';
import { percentageError, ratio, symmetricError, winkler } from './metrics.ts';

export interface LevelResult {
  /** Percent. */
  readonly level: number;
  readonly coverage: number | null;
  readonly winkler: number | null;
  /** Winkler in units of the in-sample seasonal difference, averaged over series. */
  readonly msis: number | null;
  readonly width: number | null;
}

/** How one model or opponent did, on the pairs that all of them have. */
export interface BacktestResult {
  readonly model: string;
  readonly count: number;
  /** Pairs that miss the actual, the mean, or an opponent. */
  readonly excluded: number;
  readonly wape: number | null;
  readonly mae: number | null;
  readonly rmse: number | null;
  readonly mape: number | null;
  /** Zero actuals, which MAPE leaves out. */
  readonly mapeExcluded: number;
  readonly smape: number | null;
  /** Averaged over series. */
  readonly mase: number | null;
  readonly bias: number | null;
  /** 1 − WAPE / WAPE of the best opponent. */
  readonly skill: number | null;
  /** WAPE of step 1, 2, … */
  readonly stepWape: readonly (number | null)[];
  /** Empty for opponents, which give no intervals. */
  readonly levels: readonly LevelResult[];
}

/** Mean of something within each series, then over them. */
class SeriesMean {
  private readonly sums = new Map<string, { sum: number; count: number }>();

  add(seriesId: string, value: number): void {
    if (!Number.isFinite(value)) return;
    const entry = this.sums.get(seriesId) ?? { sum: 0, count: 0 };
    entry.sum += value;
    entry.count += 1;
    this.sums.set(seriesId, entry);
  }

  get value(): number | null {
    let sum = 0;
    for (const one of this.sums.values()) sum += one.sum / one.count;
    return ratio(sum, this.sums.size);
  }
}

interface Pair {
  readonly seriesId: string;
  readonly step: number;
  readonly actual: number;
  readonly mean: number;
  readonly inSample: number;
}

class ModelSums {
  private count = 0;
  private absolute = 0;
  private actuals = 0;
  private squared = 0;
  private signed = 0;
  private symmetric = 0;
  private percentage = 0;
  private percentageCount = 0;
  private readonly scaled = new SeriesMean();
  private readonly stepErrors: number[] = [];
  private readonly stepActuals: number[] = [];

  add({ seriesId, step, actual, mean, inSample }: Pair): void {
    const error = Math.abs(actual - mean);
    this.count += 1;
    this.absolute += error;
    this.actuals += Math.abs(actual);
    this.squared += error * error;
    this.signed += mean - actual;
    this.symmetric += symmetricError(actual, mean);
    this.scaled.add(seriesId, inSample > 0 ? error / inSample : Number.NaN);
    this.stepErrors[step] = (this.stepErrors[step] ?? 0) + error;
    this.stepActuals[step] = (this.stepActuals[step] ?? 0) + Math.abs(actual);
    if (actual === 0) return;
    this.percentage += percentageError(actual, mean);
    this.percentageCount += 1;
  }

  get wape(): number | null {
    return ratio(this.absolute, this.actuals);
  }

  result(): Omit<BacktestResult, 'model' | 'excluded' | 'skill' | 'levels'> {
    const square = ratio(this.squared, this.count);
    return {
      count: this.count,
      wape: this.wape,
      mae: ratio(this.absolute, this.count),
      rmse: square === null ? null : Math.sqrt(square),
      mape: ratio(this.percentage, this.percentageCount),
      mapeExcluded: this.count - this.percentageCount,
      smape: ratio(this.symmetric, this.count),
      mase: this.scaled.value,
      bias: ratio(this.signed, this.actuals),
      stepWape: this.stepErrors.map((error, step) => ratio(error, this.stepActuals[step] ?? 0)),
    };
  }
}

class LevelSums {
  private readonly level: number;
  private count = 0;
  private covered = 0;
  private loss = 0;
  private width = 0;
  private readonly scaled = new SeriesMean();

  constructor(level: number) {
    this.level = level;
  }

  add({ seriesId, actual, inSample }: Pair, lower: number, upper: number): void {
    if (!Number.isFinite(lower + upper)) return;
    const loss = winkler(actual, { lower, upper, level: this.level });
    this.count += 1;
    if (isCovered(actual, lower, upper)) this.covered += 1;
    this.loss += loss;
    this.width += upper - lower;
    this.scaled.add(seriesId, inSample > 0 ? loss / inSample : Number.NaN);
  }

  result(): LevelResult {
    const { level, count } = this;
    return {
      level,
      coverage: ratio(this.covered, count),
      winkler: ratio(this.loss, count),
      msis: this.scaled.value,
      width: ratio(this.width, count),
    };
  }
}

/** Adds up the forecasts of a backtest; memory grows with series, not with forecasts. */
export class BacktestTable {
  private readonly opponents: readonly string[];
  private readonly model = new ModelSums();
  private readonly naive: readonly ModelSums[];
  private readonly levels: readonly LevelSums[];
  private name = 'model';
  private excluded = 0;

  constructor(opponents: readonly string[], levels: readonly number[]) {
    this.opponents = opponents;
    this.naive = opponents.map(() => new ModelSums());
    this.levels = levels.map((level) => new LevelSums(level));
  }

  add(forecast: BacktestForecast): void {
    this.name = forecast.model;
    for (let step = 0; step < forecast.mean.length; step += 1) {
      if (!this.addStep(forecast, step)) this.excluded += 1;
    }
  }

  /** The model first, then its opponents. */
  results(): readonly BacktestResult[] {
    const wapes = this.naive.map(({ wape }) => wape).filter((wape) => wape !== null);
    const best = wapes.length === 0 ? null : Math.min(...wapes);
    const result = (model: string, sums: ModelSums, levels: readonly LevelResult[]) => {
      const share = sums.wape === null || best === null ? null : ratio(sums.wape, best);
      const skill = share === null ? null : 1 - share;
      return { model, excluded: this.excluded, skill, levels, ...sums.result() };
    };
    const own = this.levels.map((level) => level.result());
    return [
      result(this.name, this.model, own),
      ...this.naive.map((sums, index) => result(this.opponents[index] ?? '', sums, [])),
    ];
  }

  private addStep(forecast: BacktestForecast, step: number): boolean {
    const { seriesId, inSample, mean, naive, lower, upper } = forecast;
    const width = this.opponents.length;
    const said = naive.subarray(step * width, (step + 1) * width);
    const pair = {
      ...{ seriesId, step, inSample },
      actual: forecast.actual[step] as number,
      mean: mean[step] as number,
    };
    if (!Number.isFinite(pair.actual + pair.mean) || !said.every(Number.isFinite)) return false;
    this.model.add(pair);
    for (const [index, sums] of this.naive.entries()) {
      sums.add({ ...pair, mean: said[index] as number });
    }
    for (const [index, sums] of this.levels.entries()) {
      sums.add(pair, lower[index]?.[step] ?? Number.NaN, upper[index]?.[step] ?? Number.NaN);
    }
    return true;
  }
}
