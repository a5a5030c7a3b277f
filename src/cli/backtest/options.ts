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

/** The clock of a call that names none. */
export const UTC = 'UTC';

/** Parses `24,168`; `most` entries at most. */
export const numberList =
  (isValid: (value: number) => boolean, what: string, most = Infinity) =>
  (text: string): readonly number[] => {
    const values = text.split(',').map((part) => (part.trim() === '' ? Number.NaN : Number(part)));
    if (!values.every(isValid)) {
      throw new InvalidArgumentError(`It must be ${what}, separated by commas.`);
    }
    const distinct = [...new Set(values)].sort((a, b) => a - b);
    if (distinct.length <= most) return distinct;
    throw new InvalidArgumentError(
      `It must have 1 to ${most} entries; is ${JSON.stringify(distinct)}.`,
    );
  };

/** Parses `grown`, `every`, `once` or a number of origins. */
export const parseRefit = (text: string): Refit => {
  if (text === 'grown' || text === 'every' || text === 'once') return text;
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1) return value;
  throw new InvalidArgumentError('It must be grown, every, once, or a whole number of at least 1.');
};

/** Refuses what goes by a clock where rows are numbered and there is none. */
export const requireClock = ({ timeColumn, timeZone, holidays }: BacktestCall): void => {
  if (timeColumn !== undefined) return;
  const zone = timeZone === UTC ? undefined : `--time-zone ${timeZone}`;
  const asked = holidays === undefined ? zone : `--holidays ${holidays}`;
  if (asked === undefined) return;
  throw new CliError(
    'USAGE',
    `${asked} needs --time-column: rows without times are consecutive periods of no known date`,
  );
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
  if (holdout !== undefined && holdout > horizon) throw halfScored(holdout, horizon);
  return isRolling
    ? { kind: 'rolling', origins: origins ?? 1, every: every ?? horizon }
    : { kind: 'holdout', periods: holdout ?? horizon };
};

const halfScored = (holdout: number, horizon: number): CliError =>
  new CliError(
    'USAGE',
    `only ${horizon} of the ${holdout} periods held out would be scored: write ` +
      `--origins ${Math.ceil(holdout / horizon)} --every ${horizon} for all of them, or a ` +
      '--horizon as long',
  );
