import { isCovered } from '../models/matured-forecasts.ts';
import type { ComparedStep } from './compared-steps.ts';
import { ratio, skillOf } from './metrics.ts';

/** How the model did on one series. */
export interface SeriesResult {
  readonly seriesId: string;
  readonly count: number;
  readonly excluded: number;
  readonly mase: number | null;
  readonly wape: number | null;
  readonly bias: number | null;
  /** 1 − WAPE / WAPE of the opponent that is best on this series. */
  readonly skill: number | null;
  /** Of the absolute errors of all series, 0..1. */
  readonly share: number | null;
  readonly levels: readonly { readonly level: number; readonly coverage: number | null }[];
}

class SeriesSums {
  excluded = 0;
  absolute = 0;
  private count = 0;
  private actuals = 0;
  private signed = 0;
  private scaled = 0;
  private scaledCount = 0;
  private readonly naive: Float64Array;
  private readonly covered: Float64Array;
  private readonly bounded: Float64Array;

  constructor(opponents: number, levels: number) {
    this.naive = new Float64Array(opponents);
    this.covered = new Float64Array(levels);
    this.bounded = new Float64Array(levels);
  }

  add(pair: ComparedStep): void {
    const { actual, mean, inSample } = pair;
    const error = Math.abs(actual - mean);
    this.count += 1;
    this.absolute += error;
    this.actuals += Math.abs(actual);
    this.signed += mean - actual;
    if (inSample > 0) {
      this.scaled += error / inSample;
      this.scaledCount += 1;
    }
    for (const [index, said] of pair.naive.entries()) {
      this.naive[index] = (this.naive[index] ?? 0) + Math.abs(actual - said);
    }
    this.addBounds(pair);
  }

  private addBounds({ actual, lower: lowers, upper }: ComparedStep): void {
    for (const [index, low] of lowers.entries()) {
      const high = upper[index] ?? Number.NaN;
      if (!Number.isFinite(low + high)) continue;
      this.bounded[index] = (this.bounded[index] ?? 0) + 1;
      if (isCovered(actual, low, high)) this.covered[index] = (this.covered[index] ?? 0) + 1;
    }
  }

  result(levels: readonly number[], total: number): Omit<SeriesResult, 'seriesId'> {
    const { count, excluded, absolute, covered, bounded } = this;
    const best = count === 0 || this.naive.length === 0 ? null : Math.min(...this.naive);
    return {
      ...{ count, excluded },
      mase: ratio(this.scaled, this.scaledCount),
      wape: ratio(absolute, this.actuals),
      bias: ratio(this.signed, this.actuals),
      skill: skillOf(absolute, best),
      share: ratio(absolute, total),
      levels: levels.map((level, index) => ({
        level,
        coverage: ratio(covered[index] ?? 0, bounded[index] ?? 0),
      })),
    };
  }
}

/** Largest MASE first; series that have none come last, by name as all that are equal. */
const worstFirst = (one: SeriesResult, other: SeriesResult): number =>
  (other.mase ?? -Infinity) - (one.mase ?? -Infinity) || (one.seriesId < other.seriesId ? -1 : 1);

/** Adds up a backtest series by series; memory grows with them, not with forecasts. */
export class SeriesLedger {
  private readonly opponents: number;
  private readonly levels: readonly number[];
  private readonly sums = new Map<string, SeriesSums>();

  constructor(opponents: number, levels: readonly number[]) {
    this.opponents = opponents;
    this.levels = levels;
  }

  add(pair: ComparedStep): void {
    this.of(pair.seriesId).add(pair);
  }

  exclude(seriesId: string): void {
    this.of(seriesId).excluded += 1;
  }

  /** Series of which anything was forecast. */
  get heard(): ReadonlySet<string> {
    return new Set(this.sums.keys());
  }

  /** The worst first. */
  results(): readonly SeriesResult[] {
    const total = [...this.sums.values()].reduce((sum, { absolute }) => sum + absolute, 0);
    return [...this.sums]
      .map(([seriesId, sums]) => ({ seriesId, ...sums.result(this.levels, total) }))
      .sort(worstFirst);
  }

  private of(seriesId: string): SeriesSums {
    const known = this.sums.get(seriesId);
    if (known !== undefined) return known;
    const sums = new SeriesSums(this.opponents, this.levels.length);
    this.sums.set(seriesId, sums);
    return sums;
  }
}
