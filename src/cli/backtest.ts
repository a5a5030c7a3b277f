import { Command, Option } from 'commander';
import { TRAINER_NAMES } from '../retraining/trainer-names.ts';
import { numberList, parseRefit, UTC, type BacktestCall } from './backtest/options.ts';
import { wholeNumber, withExamples, withJson } from './command-options.ts';
import type { Io } from './io.ts';

/** Models and calendars take half a second to load: only those who backtest pay for it. */
const backtestFile = async (io: Io, file: string, call: BacktestCall): Promise<void> => {
  const loaded = await import('./backtest/run-backtest.ts');
  await loaded.backtestFile(io, file, call);
};

const isSeason = (value: number): boolean => Number.isInteger(value) && value >= 2;
/** As of a stream. */
const HORIZON_MAX = 10_000;
const SEASONS_MAX = 2;
const isLevel = (value: number): boolean => value > 0 && value < 100;

const withTrainer = (command: Command): Command =>
  command.addOption(
    new Option('--trainer <name>', 'what turns history into a model')
      .choices(TRAINER_NAMES)
      .default('auto'),
  );

/** Where the file is cut, and when a model is trained. */
const withSplit = (command: Command): Command =>
  command
    .option(
      '--holdout <n>',
      'one origin, before the last n periods; at most, and by default, the horizon',
      wholeNumber(1, HORIZON_MAX),
    )
    .option('--origins <n>', 'this many origins, the last a horizon before the end', wholeNumber(1))
    .option('--every <n>', 'periods between origins (default: the horizon)', wholeNumber(1))
    .option(
      '--refit <when>',
      'train again once what is known has grown by an eighth (grown), at every origin, only ' +
        'once, or at each nth',
      parseRefit,
      'grown',
    );

const withFiles = (command: Command): Command =>
  command
    .option(
      '--forecasts <file>',
      'write each forecast to this CSV file: series_id, origin, target, step, model, mean, ' +
        'lower_80, upper_80, … (a pair for each level), actual',
    )
    .option(
      '--plot <file>',
      'draw it on this HTML page, which needs no network: forecasts of the worst, middle and ' +
        'best series (12 at most), errors by step, coverage by slot',
    );

/** `tidecast backtest FILE`. */
export const backtestCommand = (io: Io): Command => {
  const command = new Command('backtest')
    .description(
      'forecast the past from rolling origins, each knowing only what it could, and score it',
    )
    .argument('<file>', 'CSV, JSON lines or Parquet')
    .requiredOption('--value-column <name>', 'the column to forecast')
    .requiredOption('--frequency <length>', 'length of a period: 30m, 1h, 1d, 1w, 1mo')
    .option('--series-column <name>', 'names the series (default: the file is one)')
    .option('--time-column <name>', 'ISO 8601 or epoch ms (default: rows are consecutive periods)')
    .option('--time-zone <name>', 'local clock of the series, and of stamps without a zone', UTC)
    .option('--holidays <region>', 'public holidays: US, DE-BY (default: none)')
    .option(
      '--horizon <n>',
      'periods ahead (default: the holdout, or by frequency)',
      wholeNumber(1, HORIZON_MAX),
    )
    .option(
      '--seasons <n,n>',
      'short and long season in periods (default: found in the data)',
      numberList(isSeason, 'whole numbers of at least 2', SEASONS_MAX),
    )
    .option(
      '--levels <n,n>',
      'intervals in percent',
      numberList(isLevel, 'numbers between 0 and 100'),
      [80, 95],
    )
    .option('--workers <n>', 'threads that run models', wholeNumber(1), 1)
    .action((file: string, call: BacktestCall) => backtestFile(io, file, call));
  return withExamples(
    withJson(withTrainer(withFiles(withSplit(command)))),
    'tidecast backtest sales.csv --series-column store --time-column day \\\n' +
      '      --value-column amount --frequency 1d --origins 12 --every 7 --forecasts out.csv \\\n' +
      '      --plot out.html',
    'tidecast backtest m4.csv --series-column id --value-column y --frequency 1h \\\n' +
      `      --holdout 48 --json | jq -c 'select(.kind == "series")'  # series, worst first`,
  );
};
