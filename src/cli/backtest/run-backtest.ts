import { parseFrequency, type Frequency } from '../../core/frequency.ts';
import { backtest } from '../../evaluation/backtest.ts';
import { backtestOpponents } from '../../evaluation/backtest-forecast.ts';
import { BacktestTable } from '../../evaluation/backtest-table.ts';
import { endOf, type Panel } from '../../evaluation/history.ts';
import { openOnnxRuntime, type OnnxRuntime } from '../../models/onnx/onnx-forecaster.ts';
import { fitBy } from '../../retraining/fit.ts';
import type { Candidate, Comparison } from '../../retraining/trainer.ts';
import { namedTrainer } from '../../retraining/trainers/named-trainer.ts';
import { CliError } from '../errors.ts';
import type { Io } from '../io.ts';
import { isoTime, printLine } from '../print.ts';
import { progress } from '../progress.ts';
import { caveats } from './caveats.ts';
import { openForecastsFile } from './forecasts-file.ts';
import { requireClock, type BacktestCall } from './options.ts';
import { panelFeatures, panelOf, seasonsFound } from './panel-features.ts';
import { readPanel } from './panel-file.ts';
import { openPlot } from './plot/plot.ts';
import { printCandidates, printResultLines, printResults } from './report.ts';
import { silenceLine } from './silence-line.ts';
import { sizeLine } from './size-line.ts';
import { spacingHints } from './spacing.ts';

const hint = async (io: Io, line: string | undefined): Promise<void> => {
  if (line !== undefined) await printLine(io.err, line);
};

const readCall = async (
  io: Io,
  file: string,
  call: BacktestCall,
): Promise<{ readonly panel: Panel; readonly frequency: Frequency }> => {
  const { seriesColumn: series, timeColumn: time, valueColumn: value } = call;
  const frequency = parseFrequency(call.frequency, call.timeZone);
  const read = await readPanel(file, { series, time, value }, frequency);
  const hints = spacingHints(read.spacing, {
    frequency,
    length: call.frequency,
    hasSeriesColumn: series !== undefined,
    otherColumns: read.otherColumns,
  });
  for (const line of [...hints, sizeLine(read.series)]) await hint(io, line);
  return { panel: panelOf(read.series, frequency, call.holidays), frequency };
};

const runBacktest = async (
  io: Io,
  { file, call, runtime }: { file: string; call: BacktestCall; runtime: OnnxRuntime },
): Promise<void> => {
  const { panel, frequency } = await readCall(io, file, call);
  const { levels, refit } = call;
  const features = panelFeatures(call, frequency, panel);
  const { featureSchema, split } = features;
  await hint(io, seasonsFound(call, features));
  const origins = split.kind === 'holdout' ? 1 : split.origins;
  const table = new BacktestTable(backtestOpponents(featureSchema), levels);
  const timeOf = (period: number): string =>
    call.timeColumn === undefined ? String(period) : isoTime(frequency.startOf(period));
  const end = endOf(panel.series);
  const plot = await openPlot(call, { file, panel, frequency, featureSchema });
  const written =
    call.forecasts === undefined
      ? undefined
      : await openForecastsFile(call.forecasts, { levels, end, timeOf, others: [file] });
  const shown = progress(io, { label: 'origins', total: origins });
  let last: Candidate | undefined;
  const fit = fitBy(namedTrainer(call.trainer), (candidate) => {
    const { artifact, sha256, trainer } = candidate;
    last = candidate;
    return runtime.open({ artifact, name: trainer, version: sha256.slice(0, 12) });
  });
  const onProgress = (share: number): void => {
    shown.update(Math.round(share * origins));
  };
  try {
    const options = { panel, featureSchema, split, refit, levels, fit, onProgress };
    for await (const forecast of backtest(options, io.signal)) {
      table.add(forecast);
      await written?.add(forecast);
      plot.add(forecast);
    }
  } catch (error) {
    throw io.signal.aborted ? new CliError('INTERRUPTED', 'stopped before the last origin') : error;
  } finally {
    await written?.close();
  }
  shown.end(origins);
  await hint(io, membersLine(last));
  await report(io, call, { table, comparison: last?.comparison });
  await hint(io, silenceLine(panel.series, table.heard, features.origins));
  await plot.write(table);
};

const membersLine = (candidate: Candidate | undefined): string | undefined =>
  candidate?.members && `average of ${candidate.members.join(', ')}, as it was fitted last`;

/** The results, and what to know of them. */
const report = async (
  io: Io,
  call: BacktestCall,
  {
    table,
    comparison,
  }: { readonly table: BacktestTable; readonly comparison: Comparison | undefined },
): Promise<void> => {
  const results = table.results();
  if (call.json === true) {
    await printResultLines(io.out, table, comparison);
  } else {
    await printResults(io.out, table);
    if (comparison !== undefined) await printCandidates(io.out, comparison);
  }
  const [own] = results;
  for (const line of own === undefined ? [] : caveats(own)) await printLine(io.err, line);
  if (results.every(({ count }) => count === 0)) throw nothingScored(call);
};

const nothingScored = ({ timeColumn }: BacktestCall): CliError => {
  const fits =
    timeColumn === undefined ? ' names the values' : ', --time-column and --frequency fit the file';
  return new CliError(
    'NOTHING_SCORED',
    'no forecast could be scored: no series has both a forecast and a value in the periods ' +
      `behind the origins; check that --value-column${fits}, or ask for a longer --holdout or ` +
      'for more --origins',
  );
};

/** Reads a file, backtests it and prints how it went. */
export const backtestFile = async (io: Io, file: string, call: BacktestCall): Promise<void> => {
  requireClock(call);
  const runtime = openOnnxRuntime({ workers: call.workers });
  try {
    await runBacktest(io, { file, call, runtime });
  } finally {
    await runtime.close();
  }
};
