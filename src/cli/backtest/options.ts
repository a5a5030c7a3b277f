import { InvalidArgumentError } from 'commander';
import type { BacktestSplit, Refit } from '../../evaluation/split.ts';
import type { TrainerName } from '../../retraining/trainer-names.ts';
import { CliError } from '../errors.ts';

/** What `tidecast backtest` was called with. */
export interface BacktestCall {
  readonly seriesColumn?: string;
  readonly timeColumn?: string;
  readonly valueColumn: string;
  readonly frequency: string;
  readonly timeZone: string;
  readonly holidays?: string;
  readonly horizon?: number;
  readonly seasons?: readonly number[];
  readonly levels: readonly number[];
  readonly holdout?: number;
  readonly origins?: number;
  readonly every?: number;
  readonly refit: Refit;
  readonly trainer: TrainerName;
  readonly forecasts?: string;
  readonly plot?: string;
  readonly workers: number;
  readonly json?: boolean;
}

/** Parses `24,168`. */
export const numberList =
  (isValid: (value: number) => boolean, what: string) =>
  (text: string): readonly number[] => {
    const values = text.split(',').map((part) => (part.trim() === '' ? Number.NaN : Number(part)));
    if (values.every(isValid)) return [...new Set(values)].sort((a, b) => a - b);
    throw new InvalidArgumentError(`It must be ${what}, separated by commas.`);
  };

/** Parses `grown`, `every`, `once` or a number of origins. */
export const parseRefit = (text: string): Refit => {
  if (text === 'grown' || text === 'every' || text === 'once') return text;
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1) return value;
  throw new InvalidArgumentError('It must be grown, every, once, or a whole number of at least 1.');
};

/** One origin before a holdout, or several; a holdout of one horizon when nothing is said. */
export const splitOf = (
  { holdout, origins, every }: BacktestCall,
  horizon: number,
): BacktestSplit => {
  const isRolling = origins !== undefined || every !== undefined;
  if (holdout !== undefined && isRolling) {
    throw new CliError(
      'USAGE',
      'give --holdout for one origin, or --origins and --every: not both',
    );
  }
  return isRolling
    ? { kind: 'rolling', origins: origins ?? 1, every: every ?? horizon }
    : { kind: 'holdout', periods: holdout ?? horizon };
};
