// Hot file: indices are in range by construction (rows of a block, steps of a horizon), so
// typed-array reads are narrowed with `as number`.
import { NaiveLadder, NOTHING } from '../models/naive.ts';
import type { FeatureSchema } from '../schemas/feature-schema.ts';
import { backtestOpponents, LADDER, type BacktestForecast } from './backtest-forecast.ts';
import { boundsOf } from './bounds.ts';
import { calibrationOrigins, type MaturedErrors } from './error-quantiles.ts';
import { historyNeeded, valueOf, type Panel } from './history.ts';
import { opponentNames, originBlocks, type OriginBlock } from './origin-blocks.ts';
import type { Speakers } from './speakers.ts';

interface OriginRunOptions {
  readonly panel: Panel;
  readonly featureSchema: FeatureSchema;
  /** Percent, ascending. */
  readonly levels: readonly number[];
}

/** All forecasts of one model at one origin. */
export class OriginRun {
  private readonly options: OriginRunOptions;
  private readonly fitted: Speakers | null;
  private readonly horizon: number;
  private readonly season: number;
  private readonly needed: number;
  private readonly ladder: NaiveLadder;
  private readonly opponents: number;

  constructor(options: OriginRunOptions, fitted: Speakers | null) {
    const { horizon, seasons } = options.featureSchema;
    const names = opponentNames(options.featureSchema);
    this.options = options;
    this.fitted = fitted;
    this.horizon = horizon;
    this.season = seasons[0] ?? 1;
    this.needed = historyNeeded(seasons);
    this.ladder = new NaiveLadder(names, horizon);
    this.opponents = names.length;
  }

  async *forecasts(origin: number): AsyncGenerator<BacktestForecast> {
    const { panel, featureSchema } = this.options;
    const { season, horizon, fitted } = this;
    const unseenFrom = fitted?.heldBack?.fromPeriod ?? -Infinity;
    const asked = calibrationOrigins(origin, { season, horizon, unseenFrom });
    const origins = [...new Set([...asked.seasonal, ...asked.recent, origin])];
    origins.sort((one, other) => one - other);
    for (const block of originBlocks({ panel, schemas: [featureSchema], origins })) {
      const row = block.count - 1;
      if (block.origins[row] !== origin) continue;
      const { means, strategies } = await this.means(block);
      const strategy = strategies[row] ?? NOTHING;
      if (strategy === NOTHING) continue;
      const said = await this.unseen(block, means);
      this.leaveRulesOut(said, strategies);
      const errors = {
        ...{ horizon, season },
        seasonal: this.maturedErrors(block, said, asked.seasonal),
        recent: this.maturedErrors(block, said, asked.recent),
      };
      yield this.forecast(block, means, { strategy, errors });
    }
  }

  /** A naive rule is off by more: its errors are of no use to a model's intervals. */
  private leaveRulesOut(said: Float64Array, strategies: readonly string[]): void {
    const { fitted, horizon } = this;
    const strategy = strategies.at(-1);
    if (strategy !== fitted?.model.strategy) return;
    for (const [index, other] of strategies.entries()) {
      if (other !== strategy) said.fill(Number.NaN, index * horizon, (index + 1) * horizon);
    }
  }

  private forecast(
    block: OriginBlock,
    means: Float64Array,
    { strategy, errors }: { readonly strategy: string; readonly errors: MaturedErrors },
  ): BacktestForecast {
    const { horizon } = this;
    const row = block.count - 1;
    const origin = block.origins[row] as number;
    const mean = means.slice(row * horizon, (row + 1) * horizon);
    const { levels } = this.options;
    const bounds = boundsOf(block, row, { mean, errors, levels });
    return {
      seriesId: block.series.seriesId,
      origin,
      model: this.fitted?.model.identity.name ?? LADDER,
      strategy,
      isRule: strategy !== this.fitted?.model.strategy,
      mean,
      lower: bounds.map(({ lower }) => lower),
      upper: bounds.map(({ upper }) => upper),
      actual: mean.map((_, step) => valueOf(block.series, origin + 1 + step)),
      naive: this.opponentsOf(block, row),
      inSample: block.inSample[row] as number,
      inSampleSquared: block.inSampleSquared[row] as number,
    };
  }

  private opponentsOf(block: OriginBlock, row: number): Float64Array {
    const { horizon, opponents, options } = this;
    const ladder = new Float64Array((row + 1) * horizon);
    this.climb(block, row, ladder);
    const width = backtestOpponents(options.featureSchema).length;
    return Float64Array.from({ length: horizon * width }, (_, index) => {
      const [step, place] = [Math.floor(index / width), index % width];
      if (place === opponents) return block.last[row] as number;
      const said = block.naive[(row * horizon + step) * opponents + place] as number;
      return Number.isNaN(said) ? (ladder[row * horizon + step] as number) : said;
    });
  }

  /**
   * What the model says of each row; the ladder speaks for rows that are too young, or of which the
   * model knows nothing.
   */
  private async means(
    block: OriginBlock,
  ): Promise<{ readonly means: Float64Array; readonly strategies: readonly string[] }> {
    const { fitted, horizon } = this;
    const out = (await fitted?.model.of(block)) ?? new Float64Array(block.count * horizon);
    const strategies = Array.from({ length: block.count }, (_, row) => {
      const said = out.subarray(row * horizon, (row + 1) * horizon);
      const isUsable = fitted !== null && this.isOld(block, row) && said.every(Number.isFinite);
      return isUsable ? fitted.model.strategy : this.climb(block, row, out);
    });
    return { means: out, strategies };
  }

  /**
   * What was said of earlier rows by who had not seen what came: where the model had, and something
   * was held back, the model before it; NaN where that had too.
   */
  private async unseen(block: OriginBlock, means: Float64Array): Promise<Float64Array> {
    const { fitted, horizon } = this;
    const unseen = means.slice();
    if (fitted?.heldBack === undefined) return unseen;
    const { heldBack, toPeriod } = fitted;
    const before = await heldBack.model.of(block);
    for (const [row, origin] of block.origins.entries()) {
      const [from, to] = [row * horizon, (row + 1) * horizon];
      if (origin + 1 >= toPeriod || !this.isOld(block, row)) continue;
      if (origin + 1 >= heldBack.fromPeriod) unseen.set(before.subarray(from, to), from);
      else unseen.fill(Number.NaN, from, to);
    }
    return unseen;
  }

  private isOld(block: OriginBlock, row: number): boolean {
    return (block.history[row] as number) > this.needed;
  }

  private climb(block: OriginBlock, row: number, out: Float64Array): string {
    const { horizon, opponents } = this;
    return this.ladder.write({
      naive: block.naive,
      naiveAt: row * horizon * opponents,
      last: block.last[row] as number,
      out,
      outAt: row * horizon,
    });
  }

  /** Errors of the steps of some earlier origins whose targets had come by the last one. */
  private maturedErrors(
    block: OriginBlock,
    means: Float64Array,
    origins: readonly number[],
  ): Float64Array {
    const { horizon } = this;
    const latest = block.origins[block.count - 1] as number;
    const wanted = new Set(origins);
    const rows = [...block.origins.keys()].filter((row) => wanted.has(block.origins[row] ?? NaN));
    return Float64Array.from({ length: rows.length * horizon }, (_, index) => {
      const row = rows[Math.floor(index / horizon)] as number;
      const step = index % horizon;
      const target = (block.origins[row] as number) + 1 + step;
      if (target > latest) return Number.NaN;
      return Math.abs(valueOf(block.series, target) - (means[row * horizon + step] as number));
    });
  }
}
