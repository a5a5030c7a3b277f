import { Command } from 'commander';
import { publicHolidays } from '../calendars/public-holidays.ts';
import { frequencyDefaults } from '../config/frequency-defaults.ts';
import { parseFrequency, type Frequency } from '../core/frequency.ts';
import { backtest } from '../evaluation/backtest.ts';
import { BacktestTable } from '../evaluation/backtest-table.ts';
import { endOf, type Panel } from '../evaluation/history.ts';
import { opponentNames } from '../evaluation/origin-blocks.ts';
import { defaultFeatures } from '../features/default-features.ts';
import { openOnnxRuntime, type OnnxRuntime } from '../models/onnx/onnx-forecaster.ts';
import { fitBy } from '../retraining/fit.ts';
import { ridgeTrainer } from '../retraining/trainers/ridge.ts';
import type { FeatureSchema } from '../schemas/feature-schema.ts';
import { openForecastsFile } from './backtest/forecasts-file.ts';
import { numberList, parseRefit, splitOf, type BacktestCall } from './backtest/options.ts';
import { readPanel } from './backtest/panel-file.ts';
import { printResults } from './backtest/report.ts';
import { wholeNumber, withExamples, withJson } from './command-options.ts';
import { CliError } from './errors.ts';
import type { Io } from './io.ts';
import { isoTime, printJson, printLine } from './print.ts';
import { progress } from './progress.ts';

/** What a stream of this frequency would see by default. */
const featuresOf = (call: BacktestCall, frequency: Frequency, panel: Panel): FeatureSchema => {
  const defaults = frequencyDefaults(frequency);
  const { holidays } = panel;
  return defaultFeatures({
    frequency: call.frequency,
    timeZone: call.timeZone,
    holidays: holidays === null ? null : { region: holidays.region, version: holidays.version },
    seasons: call.seasons ?? defaults.seasons,
    horizon: call.horizon ?? call.holdout ?? defaults.horizon,
    lags: defaults.lags,
    rolling: { windows: defaults.windows, statistics: ['mean', 'std', 'min', 'max'] },
    calendar: call.timeColumn === undefined ? [] : defaults.calendar,
  });
};

const readCall = async (
  io: Io,
  file: string,
  call: BacktestCall,
): Promise<{ readonly panel: Panel; readonly frequency: Frequency }> => {
  const { seriesColumn: series, timeColumn: time, valueColumn: value } = call;
  const frequency = parseFrequency(call.frequency, call.timeZone);
  const read = await readPanel(file, { series, time, value }, frequency);
  if (read.repeated > 0) {
    await printLine(io.err, `${read.repeated} rows repeat a period: the last one of each counts`);
  }
  const holidays = call.holidays === undefined ? null : publicHolidays(call.holidays);
  return { panel: { series: read.series, holidays }, frequency };
};

const runBacktest = async (
  io: Io,
  { file, call, runtime }: { file: string; call: BacktestCall; runtime: OnnxRuntime },
): Promise<void> => {
  const { panel, frequency } = await readCall(io, file, call);
  const { levels, refit } = call;
  const featureSchema = featuresOf(call, frequency, panel);
  const split = splitOf(call, featureSchema.horizon);
  const origins = split.kind === 'holdout' ? 1 : split.origins;
  const table = new BacktestTable(opponentNames(featureSchema), levels);
  const timeOf = (period: number): string =>
    call.timeColumn === undefined ? String(period) : isoTime(frequency.startOf(period));
  const end = endOf(panel.series);
  const written =
    call.forecasts === undefined
      ? undefined
      : await openForecastsFile(call.forecasts, { levels, end, timeOf });
  const shown = progress(io, { label: 'origins', total: origins });
  const fit = fitBy(ridgeTrainer(), ({ artifact, sha256, trainer }) =>
    runtime.open({ artifact, name: trainer, version: sha256.slice(0, 12) }),
  );
  const onProgress = (share: number): void => {
    shown.update(Math.round(share * origins));
  };
  try {
    const options = { panel, featureSchema, split, refit, levels, fit, onProgress };
    for await (const forecast of backtest(options, io.signal)) {
      table.add(forecast);
      await written?.add(forecast);
    }
  } catch (error) {
    throw io.signal.aborted ? new CliError('INTERRUPTED', 'stopped before the last origin') : error;
  } finally {
    await written?.close();
  }
  shown.end(origins);
  const results = table.results();
  if (call.json === true) for (const result of results) await printJson(io.out, result);
  else await printResults(io.out, results);
};

const backtestFile = async (io: Io, file: string, call: BacktestCall): Promise<void> => {
  const runtime = openOnnxRuntime({ workers: call.workers });
  try {
    await runBacktest(io, { file, call, runtime });
  } finally {
    await runtime.close();
  }
};

const isSeason = (value: number): boolean => Number.isInteger(value) && value >= 2;
const isLevel = (value: number): boolean => value > 0 && value < 100;

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
    .option('--time-zone <name>', 'local clock of the series, and of stamps without a zone', 'UTC')
    .option('--holidays <region>', 'public holidays: US, DE-BY (default: none)')
    .option(
      '--horizon <n>',
      'periods ahead (default: the holdout, or by frequency)',
      wholeNumber(1),
    )
    .option(
      '--seasons <n,n>',
      'short and long season in periods',
      numberList(isSeason, 'whole numbers of at least 2'),
    )
    .option(
      '--levels <n,n>',
      'intervals in percent',
      numberList(isLevel, 'numbers between 0 and 100'),
      [80, 95],
    )
    .option(
      '--holdout <n>',
      'one origin, before the last n periods (default: the horizon)',
      wholeNumber(1),
    )
    .option('--origins <n>', 'so many origins, the last one horizon before the end', wholeNumber(1))
    .option('--every <n>', 'periods between origins (default: the horizon)', wholeNumber(1))
    .option('--refit <when>', 'train at every origin, once, or at each nth', parseRefit, 'once')
    .option('--forecasts <file>', 'write each forecast to this CSV file')
    .option('--workers <n>', 'threads that run models', wholeNumber(1), 1)
    .action((file: string, call: BacktestCall) => backtestFile(io, file, call));
  return withExamples(
    withJson(command),
    'tidecast backtest sales.csv --series-column store --time-column day \\\n' +
      '      --value-column amount --frequency 1d --origins 12 --every 7 --forecasts out.csv',
    'tidecast backtest m4.csv --series-column id --value-column y --frequency 1h --holdout 48',
  );
};
