import { LAST_VALUE } from '../models/naive.ts';
import type { FeatureSchema } from '../schemas/feature-schema.ts';
import { opponentNames } from './origin-blocks.ts';

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
   * horizon × opponents, in the order of `backtestOpponents`; where one lacks the value that it
   * repeats, the naive ladder speaks for it.
   */
  readonly naive: Float64Array;
  /** Mean seasonal difference over all history up to the origin: the denominator of MASE. */
  readonly inSample: number;
  /** The same of squared differences: the denominator of RMSSE. */
  readonly inSampleSquared: number;
}

/**
 * The opponents of a stream and, where there is a season, the last value: of walks and of what
 * jumps nothing is better.
 */
export const backtestOpponents = (schema: FeatureSchema): readonly string[] =>
  schema.seasons.length > 0 ? [...opponentNames(schema), LAST_VALUE] : opponentNames(schema);

/** The model's name where nothing could be fitted. */
export const LADDER = 'naive-ladder';
