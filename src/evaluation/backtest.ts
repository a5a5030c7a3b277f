// Hot file: indices are in range by construction (rows of a block, steps of a horizon), so
// typed-array reads are narrowed with `as number`.
import type { Forecaster } from '../models/forecaster.ts';
import { NaiveLadder, NOTHING } from '../models/naive.ts';
import { featureSchemaHash, type FeatureSchema } from '../schemas/feature-schema.ts';
import { endOf, historyNeeded, startOf, upTo, valueOf, type Panel } from './history.ts';
import { opponentNames, originBlocks, type OriginBlock } from './origin-blocks.ts';
import { boundsOf } from './bounds.ts';
import { calibrationOrigins, type MaturedErrors } from './error-quantiles.ts';
import { RememberedMeans } from './remembered-means.ts';
import { backtestOrigins, isRefit, type BacktestSplit, type Refit } from './split.ts';

/** What a fit may know: every value up to the origin, and nothing behind it. */
export interface FitRequest {
  readonly featureSchema: FeatureSchema;
  readonly panel: Panel;
  readonly fromPeriod: number;
  /** The period after the origin. */
  readonly toPeriod: number;
  readonly seed: string;
}

/** A model that is ready to forecast. */
export interface Fitted {
  readonly forecaster: Forecaster;
  /** The same fitted on targets before `fromPeriod` alone, where there is one. */
  readonly heldBack?: { readonly forecaster: Forecaster; readonly fromPeriod: number } | undefined;
}

/** Makes a model; null where the data do not suffice, and the naive ladder stands in. */
export type Fit = (request: FitRequest, signal: AbortSignal) => Promise<Fitted | null>;

export interface BacktestOptions {
  readonly panel: Panel;
  readonly featureSchema: FeatureSchema;
  readonly split: BacktestSplit;
  readonly refit: Refit;
  /** Percent, ascending. */
  readonly levels: readonly number[];
  readonly fit: Fit;
  /** Called with the share of origins done. */
  readonly onProgress?: (share: number) => void;
}

/** One forecast of one series, beside what came and what the naive opponents said. */
export interface BacktestForecast {
  readonly seriesId: string;
  /** Number of the last period that was known. */
  readonly origin: number;
  readonly model: string;
  /** How the mean came about; a rung of the naive ladder for a series that is too young. */
  readonly strategy: string;
  /** True where a rung of the naive ladder spoke in place of the model. */
  readonly isRule: boolean;
  /** One a step, step 1 first. */
  readonly mean: Float64Array;
  /** One column a level. */
  readonly lower: readonly Float64Array[];
  readonly upper: readonly Float64Array[];
  /** NaN where it is missing, or behind the end of the data. */
  readonly actual: Float64Array;
  /**
   * horizon × opponents, in the order of `opponentNames`; where one lacks the value that it
   * repeats, the naive ladder speaks for it.
   */
  readonly naive: Float64Array;
  /** Mean seasonal difference over all history up to the origin: the denominator of MASE. */
  readonly inSample: number;
  /** The same of squared differences: the denominator of RMSSE. */
  readonly inSampleSquared: number;
}

/** The model's name where nothing could be fitted. */
export const LADDER = 'naive-ladder';

/**
 * Rolling-origin backtest: at each origin, every series is forecast by a model that was fitted on
 * nothing behind it, from features of nothing behind it, with intervals from errors that had
 * matured by then.
 */
export const backtest = async function* (
  options: BacktestOptions,
  signal: AbortSignal,
): AsyncGenerator<BacktestForecast> {
  const { panel, featureSchema, split, refit, onProgress } = options;
  const first = startOf(panel.series);
  const { horizon } = featureSchema;
  const origins = backtestOrigins(split, { first, end: endOf(panel.series), horizon });
  const schemaHash = featureSchemaHash(featureSchema);
  let fitted: Speakers | null = null;
  let learnt = 0;
  try {
    for (const [index, origin] of origins.entries()) {
      signal.throwIfAborted();
      const known = origin + 1 - first;
      // What could not be learnt at one origin may be at the next.
      if (isRefit(refit, { index, known, learnt }) || fitted === null) {
        await close(fitted);
        const request = fitRequest(options, first, origin);
        const fit = await options.fit(request, signal);
        learnt = known;
        fitted = fit && speakersOf(fit, schemaHash, request.toPeriod);
      }
      yield* new OriginRun(options, fitted).forecasts(origin);
      onProgress?.((index + 1) / origins.length);
    }
  } finally {
    await close(fitted);
  }
};

/** What was fitted; each speaks of what comes from its period on without having seen it. */
interface Speakers {
  readonly model: RememberedMeans;
  readonly toPeriod: number;
  readonly heldBack: { readonly model: RememberedMeans; readonly fromPeriod: number } | undefined;
}

const speakersOf = (
  { forecaster, heldBack }: Fitted,
  schemaHash: string,
  toPeriod: number,
): Speakers => ({
  model: new RememberedMeans(forecaster, schemaHash),
  toPeriod,
  heldBack: heldBack && {
    model: new RememberedMeans(heldBack.forecaster, schemaHash),
    fromPeriod: heldBack.fromPeriod,
  },
});

const close = async (fitted: Speakers | null): Promise<void> => {
  await fitted?.model.close();
  await fitted?.heldBack?.model.close();
};

const fitRequest = (
  { panel, featureSchema }: BacktestOptions,
  fromPeriod: number,
  origin: number,
): FitRequest => ({
  featureSchema,
  panel: { ...panel, series: panel.series.map((one) => upTo(one, origin)) },
  fromPeriod,
  toPeriod: origin + 1,
  seed: `backtest/${origin}`,
});

/** All forecasts of one model at one origin. */
class OriginRun {
  private readonly options: BacktestOptions;
  private readonly fitted: Speakers | null;
  private readonly horizon: number;
  private readonly season: number;
  private readonly needed: number;
  private readonly ladder: NaiveLadder;
  private readonly opponents: number;

  constructor(options: BacktestOptions, fitted: Speakers | null) {
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
    const { season, horizon } = this;
    const origins = [...calibrationOrigins(origin, { season, horizon }), origin];
    for (const block of originBlocks({ panel, schemas: [featureSchema], origins })) {
      const row = block.count - 1;
      if (block.origins[row] !== origin) continue;
      const { means, strategies } = await this.means(block);
      const strategy = strategies[row] ?? NOTHING;
      if (strategy === NOTHING) continue;
      const said = await this.unseen(block, means);
      for (const [index, other] of strategies.entries()) {
        // A naive rule is off by more: its errors are of no use to a model's intervals.
        const isRule = strategy === this.fitted?.model.strategy && other !== strategy;
        if (isRule) said.fill(Number.NaN, index * this.horizon, (index + 1) * this.horizon);
      }
      const errors = this.maturedErrors(block, said);
      yield this.forecast(block, means, { strategy, errors });
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
    const { horizon, opponents } = this;
    const width = horizon * opponents;
    const ladder = new Float64Array((row + 1) * horizon);
    this.climb(block, row, ladder);
    return block.naive
      .slice(row * width, (row + 1) * width)
      .map((said, index) =>
        Number.isNaN(said)
          ? (ladder[row * horizon + Math.floor(index / opponents)] as number)
          : said,
      );
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

  /** Errors of the earlier origins' steps whose targets had come by the last origin. */
  private maturedErrors(block: OriginBlock, means: Float64Array): MaturedErrors {
    const { horizon, season } = this;
    const rows = block.count - 1;
    const latest = block.origins[rows] as number;
    const errors = Float64Array.from({ length: rows * horizon }, (_, index) => {
      const target = (block.origins[Math.floor(index / horizon)] as number) + 1 + (index % horizon);
      if (target > latest) return Number.NaN;
      return Math.abs(valueOf(block.series, target) - (means[index] as number));
    });
    return { horizon, season, errors };
  }
}
