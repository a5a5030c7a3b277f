import type { BacktestResult } from '../../evaluation/backtest-table.ts';
import type { Output } from '../io.ts';
import { printTable } from '../print.ts';

const DIGITS = 4;

const shown = (value: number | null): string => (value === null ? '-' : value.toFixed(DIGITS));

const percent = (value: number | null): string =>
  value === null ? '-' : `${(100 * value).toFixed(1)}%`;

/** The model first, then its naive opponents, all on the same pairs. */
export const printResults = async (
  to: Output,
  results: readonly BacktestResult[],
): Promise<void> => {
  const levels = results[0]?.levels ?? [];
  const header = [
    ...['MODEL', 'N', 'WAPE', 'MASE', 'SMAPE', 'RMSE', 'BIAS', 'SKILL'],
    ...levels.flatMap(({ level }) => [`COVER ${level}`, `MSIS ${level}`]),
  ];
  const rows = results.map((result) => [
    result.model,
    result.count,
    shown(result.wape),
    shown(result.mase),
    result.smape === null ? '-' : result.smape.toFixed(2),
    shown(result.rmse),
    percent(result.bias),
    percent(result.skill),
    ...levels.flatMap((_, index) => {
      const level = result.levels[index];
      return level === undefined ? ['-', '-'] : [percent(level.coverage), shown(level.msis)];
    }),
  ]);
  await printTable(to, header, rows);
};
