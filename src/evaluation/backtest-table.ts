import { LevelSums, MeanSums, type LevelResult, type MeanResult } from './backtest-sums.ts';
import { LADDER, type BacktestForecast } from './backtest-forecast.ts';
import { comparedStep } from './compared-steps.ts';
import { skillOf } from './metrics.ts';
import { SeriesLedger, type SeriesResult } from './series-ledger.ts';
import { reportBuckets, type StepBucket } from './report-buckets.ts';

/** How one model or opponent did, on the pairs that all of them have. */
export interface BacktestResult extends MeanResult {
  readonly model: string;
  /** Steps whose actual is missing. */
  readonly excluded: number;
  /** Pairs that a naive rule said in the model's place; null for opponents, which are rules. */
  readonly ruleCount: number | null;
  /** 1 − WAPE / WAPE of the best opponent. */
  readonly skill: number | null;
  /** Empty for opponents, which give no intervals. */
  readonly levels: readonly LevelResult[];
}

/** Errors of neighbouring steps together. */
export interface BucketErrors extends StepBucket {
  /** WAPE of the model and of its opponents, in the order of the results. */
  readonly wape: readonly (number | null)[];
}

/** Adds up the forecasts of a backtest; memory grows with series, not with forecasts. */
export class BacktestTable {
  private readonly opponents: readonly string[];
  private readonly model = new MeanSums();
  private readonly naive: readonly MeanSums[];
  private readonly levels: readonly LevelSums[];
  private readonly ledger: SeriesLedger;
  private name = LADDER;
  private excluded = 0;
  private ruleCount = 0;
  private horizon = 0;

  constructor(opponents: readonly string[], levels: readonly number[]) {
    this.opponents = opponents;
    this.naive = opponents.map(() => new MeanSums());
    this.levels = levels.map((level) => new LevelSums(level));
    this.ledger = new SeriesLedger(opponents.length, levels);
  }

  add(forecast: BacktestForecast): void {
    if (!forecast.isRule) this.name = forecast.model;
    this.horizon = Math.max(this.horizon, forecast.mean.length);
    for (let step = 0; step < forecast.mean.length; step += 1) this.addStep(forecast, step);
  }

  /** The model first, then its opponents. */
  results(): readonly BacktestResult[] {
    const wapes = this.naive.map(({ wape }) => wape).filter((wape) => wape !== null);
    const best = wapes.length === 0 ? null : Math.min(...wapes);
    const { excluded, ruleCount } = this;
    const result = (model: string, sums: MeanSums) => {
      return { model, excluded, skill: skillOf(sums.wape, best), ...sums.result() };
    };
    const levels = this.levels.map((level) => level.result());
    return [
      { ...result(this.name, this.model), ruleCount, levels },
      ...this.naive.map((sums, index) => {
        return { ...result(this.opponents[index] ?? '', sums), ruleCount: null, levels: [] };
      }),
    ];
  }

  /** Series of which anything was forecast. */
  get heard(): ReadonlySet<string> {
    return this.ledger.heard;
  }

  /** How the model did on each series, the worst first. */
  series(): readonly SeriesResult[] {
    return this.ledger.results();
  }

  /** How errors grow with the step. */
  buckets(): readonly BucketErrors[] {
    return reportBuckets(this.horizon).map((bucket) => ({
      ...bucket,
      wape: [this.model, ...this.naive].map((sums) => sums.wapeOf(bucket)),
    }));
  }

  private addStep(forecast: BacktestForecast, step: number): void {
    const pair = comparedStep(forecast, step);
    if (pair === undefined) {
      this.excluded += 1;
      this.ledger.exclude(forecast.seriesId);
      return;
    }
    if (pair.isRule) this.ruleCount += 1;
    this.model.add(pair, pair.mean);
    for (const [index, sums] of this.naive.entries()) {
      sums.add(pair, pair.naive[index] ?? Number.NaN);
    }
    for (const [index, sums] of this.levels.entries()) {
      sums.add(pair, pair.lower[index] ?? Number.NaN, pair.upper[index] ?? Number.NaN);
    }
    this.ledger.add(pair);
  }
}
