import { isCovered } from '../models/matured-forecasts.ts';
import type { ComparedStep } from './compared-steps.ts';
import { percentageError, pinball, ratio, symmetricError, winkler } from './metrics.ts';
import type { StepBucket } from './report-buckets.ts';

export interface LevelResult {
  /** Percent. */
  readonly level: number;
  readonly coverage: number | null;
  readonly winkler: number | null;
  /** Winkler in units of the in-sample seasonal difference, averaged over series. */
  readonly msis: number | null;
  /** Mean quantile loss of both bounds. */
  readonly pinball: number | null;
  readonly width: number | null;
}

/** How means did, whoever said them. */
export interface MeanResult {
  readonly count: number;
  readonly wape: number | null;
  readonly mae: number | null;
  readonly rmse: number | null;
  readonly mape: number | null;
  /** Zero actuals, which MAPE leaves out. */
  readonly mapeExcluded: number;
  readonly smape: number | null;
  /** Averaged over series. */
  readonly mase: number | null;
  /** Averaged over series. */
  readonly rmsse: number | null;
  /** Pairs of which no seasonal difference was known but zero: MASE, RMSSE and MSIS lack them. */
  readonly maseExcluded: number;
  readonly bias: number | null;
  /** WAPE of step 1, 2, … */
  readonly stepWape: readonly (number | null)[];
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

  /** `ofSeries` is taken of the mean of each series, before they are averaged. */
  value(ofSeries = (mean: number): number => mean): number | null {
    let sum = 0;
    for (const one of this.sums.values()) sum += ofSeries(one.sum / one.count);
    return ratio(sum, this.sums.size);
  }
}

const inUnits = (loss: number, unit: number): number => (unit > 0 ? loss / unit : Number.NaN);

/** Adds up the errors of one model or opponent. */
export class MeanSums {
  private count = 0;
  private absolute = 0;
  private actuals = 0;
  private squared = 0;
  private signed = 0;
  private symmetric = 0;
  private percentage = 0;
  private percentageCount = 0;
  private unscaled = 0;
  private readonly scaled = new SeriesMean();
  private readonly squaredScaled = new SeriesMean();
  private readonly stepErrors: number[] = [];
  private readonly stepActuals: number[] = [];

  add({ seriesId, step, actual, inSample, inSampleSquared }: ComparedStep, mean: number): void {
    const error = Math.abs(actual - mean);
    this.count += 1;
    this.absolute += error;
    this.actuals += Math.abs(actual);
    this.squared += error * error;
    this.signed += mean - actual;
    this.symmetric += symmetricError(actual, mean);
    if (!(inSample > 0)) this.unscaled += 1;
    this.scaled.add(seriesId, inUnits(error, inSample));
    this.squaredScaled.add(seriesId, inUnits(error * error, inSampleSquared));
    this.stepErrors[step] = (this.stepErrors[step] ?? 0) + error;
    this.stepActuals[step] = (this.stepActuals[step] ?? 0) + Math.abs(actual);
    if (actual === 0) return;
    this.percentage += percentageError(actual, mean);
    this.percentageCount += 1;
  }

  get wape(): number | null {
    return ratio(this.absolute, this.actuals);
  }

  /** WAPE of some steps together. */
  wapeOf({ from, to }: StepBucket): number | null {
    const sum = (values: readonly number[]): number =>
      values.slice(from - 1, to).reduce((total, value) => total + value, 0);
    return ratio(sum(this.stepErrors), sum(this.stepActuals));
  }

  result(): MeanResult {
    const square = ratio(this.squared, this.count);
    return {
      count: this.count,
      wape: this.wape,
      mae: ratio(this.absolute, this.count),
      rmse: square === null ? null : Math.sqrt(square),
      mape: ratio(this.percentage, this.percentageCount),
      mapeExcluded: this.count - this.percentageCount,
      smape: ratio(this.symmetric, this.count),
      mase: this.scaled.value(),
      rmsse: this.squaredScaled.value(Math.sqrt),
      maseExcluded: this.unscaled,
      bias: ratio(this.signed, this.actuals),
      stepWape: Array.from(this.stepErrors, (_, step) =>
        this.wapeOf({ from: step + 1, to: step + 1 }),
      ),
    };
  }
}

/** Adds up how the intervals of one level did. */
export class LevelSums {
  private readonly level: number;
  private count = 0;
  private covered = 0;
  private loss = 0;
  private quantileLoss = 0;
  private width = 0;
  private readonly scaled = new SeriesMean();

  constructor(level: number) {
    this.level = level;
  }

  add({ seriesId, actual, inSample }: ComparedStep, lower: number, upper: number): void {
    if (!Number.isFinite(lower + upper)) return;
    const { level } = this;
    const tail = (1 - level / 100) / 2;
    const loss = winkler(actual, { lower, upper, level });
    this.count += 1;
    if (isCovered(actual, lower, upper)) this.covered += 1;
    this.loss += loss;
    this.quantileLoss += (pinball(actual, lower, tail) + pinball(actual, upper, 1 - tail)) / 2;
    this.width += upper - lower;
    this.scaled.add(seriesId, inUnits(loss, inSample));
  }

  result(): LevelResult {
    const { level, count } = this;
    return {
      level,
      coverage: ratio(this.covered, count),
      winkler: ratio(this.loss, count),
      msis: this.scaled.value(),
      pinball: ratio(this.quantileLoss, count),
      width: ratio(this.width, count),
    };
  }
}
