import { featureSchemaHash, type FeatureSchema } from '../schemas/feature-schema.ts';
import type { BacktestForecast } from './backtest-forecast.ts';
import { endOf, startOf, upTo, type Panel } from './history.ts';
import { OriginRun } from './origin-run.ts';
import { close, speakersOf, type Fitted, type Speakers } from './speakers.ts';
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

const fitRequest = (
  { panel, featureSchema }: BacktestOptions,
  fromPeriod: number,
  origin: number,
): FitRequest => ({
  featureSchema,
  panel: {
    ...panel,
    // A series that begins later is not known to exist.
    series: panel.series.map((one) => upTo(one, origin)).filter(({ values }) => values.length > 0),
  },
  fromPeriod,
  toPeriod: origin + 1,
  seed: `backtest/${origin}`,
});
