import { writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { backtestPage } from '../../../dashboard/backtest-page.ts';
import type { BacktestForecast } from '../../../evaluation/backtest-forecast.ts';
import type { BacktestTable } from '../../../evaluation/backtest-table.ts';
import { ShownForecasts } from '../../../evaluation/shown-forecasts.ts';
import { CliError } from '../../errors.ts';
import type { BacktestCall } from '../options.ts';
import { openOutput } from '../output-file.ts';
import { plotData, type Plotted } from './plot-data.ts';
import { SlotCoverage } from './slot-coverage.ts';
import { clockSlots, seasonPlaces, weekdays, type Slots } from './slots.ts';

/** Gathers what is drawn, while a backtest runs. */
export interface Plot {
  add(forecast: BacktestForecast): void;
  write(table: BacktestTable): Promise<void>;
}

const NO_PLOT: Plot = { add: () => undefined, write: () => Promise.resolve() };

const slotsOf = (
  { timeColumn }: BacktestCall,
  { frequency, featureSchema }: Plotted,
): { readonly slots: Slots; readonly instead: Slots | undefined } => {
  if (timeColumn === undefined) {
    const [season = 1] = featureSchema.seasons;
    return { slots: seasonPlaces(season), instead: undefined };
  }
  const instead = frequency.kind === 'fixed' ? weekdays(frequency) : undefined;
  return { slots: clockSlots(frequency), instead };
};

/** Checks at once that the page can be written, which happens when all is known. */
export const openPlot = async (call: BacktestCall, plotted: Plotted): Promise<Plot> => {
  const { plot: out } = call;
  if (out === undefined) return NO_PLOT;
  const { panel, featureSchema, file } = plotted;
  const { horizon } = featureSchema;
  const others = [file, ...(call.forecasts === undefined ? [] : [call.forecasts])];
  await (await openOutput(out, { flag: 'a', option: '--plot', others })).close();
  const forecasts = new ShownForecasts({ seriesCount: panel.series.length, horizon });
  const levels = call.levels.length;
  const coverage = new SlotCoverage({ ...slotsOf(call, plotted), horizon, levels });
  const origins = new Set<number>();
  return {
    add: (forecast) => {
      origins.add(forecast.origin);
      forecasts.add(forecast);
      coverage.add(forecast);
    },
    write: async (table) => {
      const gathered = { forecasts, coverage: coverage.result(), origins: [...origins] };
      const data = plotData({ call, plotted, table, gathered });
      const title = `Backtest of ${basename(file)}`;
      await writeFile(out, await backtestPage({ title, data })).catch((cause: unknown) => {
        throw new CliError('USAGE', `${out} cannot be written any more`, cause);
      });
    },
  };
};
