import { EvaluationError } from './errors.ts';

/**
 * Where a backtest cuts its data: one origin before the last `periods`, or several, `every` periods
 * apart.
 */
export type BacktestSplit =
  | { readonly kind: 'holdout'; readonly periods: number }
  | { readonly kind: 'rolling'; readonly origins: number; readonly every: number };

/**
 * Fit again when there is much to learn that the model has not seen, at each origin, only at the
 * first one, or at each so-manieth.
 */
export type Refit = 'grown' | 'every' | 'once' | number;

export interface SplitData {
  /** Period of the first value of any series. */
  readonly first: number;
  /** Period after the last one. */
  readonly end: number;
  readonly horizon: number;
}

/**
 * Origins in ascending order, shared by all series and counted back from the end of the data: a
 * holdout's lies before its periods, the last of a rolling backtest one horizon before the end.
 * @see Tashman, Out-of-sample tests of forecasting accuracy (2000)
 */
export const backtestOrigins = (
  split: BacktestSplit,
  { first, end, horizon }: SplitData,
): readonly [number, ...number[]] => {
  const count = split.kind === 'holdout' ? 1 : split.origins;
  const every = split.kind === 'holdout' ? 0 : split.every;
  const latest = end - 1 - (split.kind === 'holdout' ? split.periods : horizon);
  const earliest = latest - (count - 1) * every;
  if (earliest >= first) {
    // As many as a call asks for are listed only where the data have them.
    const others = Array.from({ length: count - 1 }, (_, index) => earliest + (index + 1) * every);
    return [earliest, ...others];
  }
  throw new EvaluationError(
    'BACKTEST_TOO_SHORT',
    `The data have ${end - first} periods, too few for the first origin: ` +
      adviceFor(split, end - first),
  );
};

const adviceFor = (split: BacktestSplit, periods: number): string => {
  if (periods < 2) return 'nothing can be known before an origin; give more history';
  return split.kind === 'holdout'
    ? `hold out at most ${periods - 1} periods, which the horizon must fit in, and leave more to ` +
        'learn from'
    : 'ask for fewer origins, closer ones, or a shorter horizon';
};

/** What is known has grown much when it has by this share. */
const MUCH = 1 / 8;

export interface RefitCase {
  /** Of the origin, from 0 on. */
  readonly index: number;
  /** Periods up to the origin, and up to that of the fit before; 0 before the first one. */
  readonly known: number;
  readonly learnt: number;
}

/** True if the model is fitted again at an origin. */
export const isRefit = (refit: Refit, { index, known, learnt }: RefitCase): boolean => {
  if (index === 0 || refit === 'every') return true;
  if (refit === 'grown') return known >= (1 + MUCH) * learnt;
  return refit !== 'once' && index % refit === 0;
};
