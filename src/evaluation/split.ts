import { EvaluationError } from './errors.ts';

/**
 * Where a backtest cuts its data: one origin before the last `periods`, or several, `every` periods
 * apart.
 */
export type BacktestSplit =
  | { readonly kind: 'holdout'; readonly periods: number }
  | { readonly kind: 'rolling'; readonly origins: number; readonly every: number };

/** Fit again at each origin, only at the first one, or at each so-manieth. */
export type Refit = 'every' | 'once' | number;

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
): readonly number[] => {
  const origins =
    split.kind === 'holdout'
      ? [end - 1 - split.periods]
      : Array.from(
          { length: split.origins },
          (_, index) => end - 1 - horizon - (split.origins - 1 - index) * split.every,
        );
  const [earliest] = origins;
  if (earliest !== undefined && earliest >= first) return origins;
  throw new EvaluationError(
    'BACKTEST_TOO_SHORT',
    `The data end ${end - first} periods after they begin, too few for the first origin: ` +
      'ask for a shorter holdout, or for fewer origins or closer ones',
  );
};

/** True if the model is fitted again at the origin of that index. */
export const isRefit = (refit: Refit, index: number): boolean => {
  if (refit === 'every') return true;
  return refit === 'once' ? index === 0 : index % refit === 0;
};
