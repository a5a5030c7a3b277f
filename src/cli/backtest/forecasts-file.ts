import type { BacktestForecast } from '../../evaluation/backtest-forecast.ts';
import { backtestCells, backtestColumns, backtestRows } from '../../evaluation/backtest-rows.ts';
import { csvCell } from '../csv-cell.ts';
import { openOutput } from './output-file.ts';

/** Writes every forecast as rows of CSV. */
export interface ForecastsFile {
  add(forecast: BacktestForecast): Promise<void>;
  close(): Promise<void>;
}

export interface ForecastsFileOptions {
  readonly levels: readonly number[];
  /** The period after the last one of the data: behind it nothing is known. */
  readonly end: number;
  readonly timeOf: (period: number) => string;
  /** Files that are read or written besides. */
  readonly others: readonly string[];
}

/** Rows are gathered up to here before they are written. */
const BUFFER_LENGTH_MAX = 1 << 16;

const lineOf = (cells: readonly string[]): string => `${cells.map(csvCell).join(',')}\n`;

export const openForecastsFile = async (
  file: string,
  { levels, end, timeOf, others }: ForecastsFileOptions,
): Promise<ForecastsFile> => {
  const handle = await openOutput(file, { flag: 'w', option: '--forecasts', others });
  let buffer = lineOf(backtestColumns(levels));
  const flush = async (): Promise<void> => {
    const text = buffer;
    buffer = '';
    await handle.write(text);
  };
  return {
    add: async (forecast) => {
      for (const row of backtestRows(forecast, end)) buffer += lineOf(backtestCells(row, timeOf));
      if (buffer.length >= BUFFER_LENGTH_MAX) await flush();
    },
    close: async () => {
      await flush();
      await handle.close();
    },
  };
};
