import type { BacktestForecast } from '../../../evaluation/backtest-forecast.ts';
import { comparedStep } from '../../../evaluation/compared-steps.ts';
import { CoverageGrid, type CoverageCounts } from '../../../evaluation/coverage-grid.ts';
import { bucketName, reportBuckets } from '../../../evaluation/report-buckets.ts';
import type { Slots } from './slots.ts';

/** How often intervals held in each slot, and how far ahead or on which day. */
export interface SlotCoverageResult extends CoverageCounts {
  readonly rowTitle: string;
  readonly rows: readonly string[];
  readonly columnTitle: string;
  readonly columns: readonly string[];
}

export interface SlotCoverageOptions {
  readonly slots: Slots;
  /** Columns where slot and step are the same thing, as with one origin a day. */
  readonly instead: Slots | undefined;
  readonly horizon: number;
  readonly levels: number;
}

/** Counts coverage by slot × bucket of steps, and by slot × what stands in for it. */
export class SlotCoverage {
  private readonly options: SlotCoverageOptions;
  private readonly bySteps: CoverageGrid;
  private readonly byOthers: CoverageGrid | undefined;
  private readonly bucketSize: number;
  private readonly buckets: readonly string[];

  constructor(options: SlotCoverageOptions) {
    const { slots, instead, horizon, levels } = options;
    const buckets = reportBuckets(horizon);
    this.options = options;
    this.bucketSize = buckets[0]?.to ?? 1;
    this.buckets = buckets.map(bucketName);
    this.bySteps = new CoverageGrid(slots.names.length, buckets.length, levels);
    this.byOthers = instead && new CoverageGrid(slots.names.length, instead.names.length, levels);
  }

  add(forecast: BacktestForecast): void {
    const { slots, instead } = this.options;
    for (let step = 0; step < forecast.mean.length; step += 1) {
      const pair = comparedStep(forecast, step);
      if (pair === undefined) continue;
      const target = forecast.origin + 1 + step;
      const row = slots.of(target);
      this.bySteps.add({ row, column: Math.floor(step / this.bucketSize) }, pair);
      if (instead !== undefined) this.byOthers?.add({ row, column: instead.of(target) }, pair);
    }
  }

  result(): SlotCoverageResult {
    const { slots, instead } = this.options;
    const { title: rowTitle, names: rows } = slots;
    if (this.bySteps.isDiagonal && this.byOthers !== undefined && instead !== undefined) {
      const { title: columnTitle, names: columns } = instead;
      return { rowTitle, rows, columnTitle, columns, ...this.byOthers.result() };
    }
    const columnTitle = 'Steps ahead';
    return { rowTitle, rows, columnTitle, columns: this.buckets, ...this.bySteps.result() };
  }
}
