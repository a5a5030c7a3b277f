import type { BacktestResult, BacktestTable } from '../../evaluation/backtest-table.ts';
import { skillOf } from '../../evaluation/metrics.ts';
import type { SeriesResult } from '../../evaluation/series-ledger.ts';
import { bucketName } from '../../evaluation/report-buckets.ts';
import type { CandidateScore, Comparison } from '../../retraining/trainer.ts';
import type { Output } from '../io.ts';
import { printJson, printLine, printTable } from '../print.ts';
import { amount, percent, scaled, shortName } from './figures.ts';

/** As many as are looked at one by one; `--json` has all. */
const WORST_SHOWN = 5;
/** Leaves room for the figures on a line of a hundred columns. */
const NAME_LENGTH_MAX = 28;

type Row = readonly string[];

/** Figures stand under one another, to the right of a column of names. */
const printFigures = async (to: Output, header: Row, rows: readonly Row[]): Promise<void> => {
  const widths = header.map((_, column) =>
    Math.max(...[header, ...rows].map((row) => (row[column] ?? '').length)),
  );
  const aligned = [header, ...rows].map((row) =>
    row.map((cell, column) => (column === 0 ? cell : cell.padStart(widths[column] ?? 0))),
  );
  await printTable(to, aligned[0] ?? [], aligned.slice(1));
};

const printMeans = (to: Output, results: readonly BacktestResult[]): Promise<void> =>
  printFigures(
    to,
    ['MODEL', 'N', 'WAPE', 'MASE', 'SMAPE', 'RMSSE', 'RMSE', 'BIAS', 'SKILL'],
    results.map((result) => [
      ...[result.model, String(result.count), scaled(result.wape), scaled(result.mase)],
      result.smape === null ? '-' : result.smape.toFixed(2),
      ...[scaled(result.rmsse), amount(result.rmse), percent(result.bias), percent(result.skill)],
    ]),
  );

const printIntervals = (to: Output, { levels }: BacktestResult): Promise<void> =>
  printFigures(
    to,
    ['INTERVAL', 'COVERAGE', 'WIDTH', 'WINKLER', 'MSIS', 'PINBALL'],
    levels.map(({ level, coverage, width, winkler, msis, pinball }) => [
      ...[`${level}%`, percent(coverage), amount(width), amount(winkler)],
      ...[scaled(msis), amount(pinball)],
    ]),
  );

/** Place of the opponent with the least error among the results; 0 where there is none. */
const bestOpponent = (results: readonly BacktestResult[]): number => {
  let best = 0;
  let least = Infinity;
  for (const [index, { wape }] of results.entries()) {
    if (index === 0 || wape === null || wape >= least) continue;
    best = index;
    least = wape;
  }
  return best;
};

const printSteps = async (to: Output, table: BacktestTable): Promise<void> => {
  const results = table.results();
  const buckets = table.buckets();
  const best = bestOpponent(results);
  const of = (place: number): readonly (number | null)[] =>
    buckets.map(({ wape }) => wape[place] ?? null);
  const [own, other] = [of(0), of(best)];
  const rows = [[results[0]?.model ?? '', ...own.map(scaled)]];
  if (best > 0) {
    const skill = own.map((wape, index) => percent(skillOf(wape, other[index] ?? null)));
    rows.push([results[best]?.model ?? '', ...other.map(scaled)], ['skill', ...skill]);
  }
  await printFigures(to, ['WAPE OF STEPS', ...buckets.map(bucketName)], rows);
};

const printWorst = (to: Output, series: readonly SeriesResult[]): Promise<void> => {
  const worst = series.slice(0, WORST_SHOWN);
  const levels = series[0]?.levels ?? [];
  // The narrowest and the widest: more do not fit a line.
  const shown = [...new Set([0, levels.length - 1])].filter((index) => index >= 0);
  return printFigures(
    to,
    [
      `WORST ${worst.length} OF ${series.length} BY MASE`,
      ...['N', 'MASE', 'WAPE', 'BIAS', 'SKILL'],
      ...shown.map((index) => `COVER ${levels[index]?.level ?? ''}`),
      'OF ALL ERROR',
    ],
    worst.map((one) => [
      ...[shortName(one.seriesId, NAME_LENGTH_MAX), String(one.count), scaled(one.mase)],
      ...[scaled(one.wape), percent(one.bias), percent(one.skill)],
      ...shown.map((index) => percent(one.levels[index]?.coverage ?? null)),
      percent(one.share),
    ]),
  );
};

/**
 * The model and its naive opponents, all on the same pairs; its intervals; errors by step, and the
 * series that it is worst at.
 */
export const printResults = async (to: Output, table: BacktestTable): Promise<void> => {
  const results = table.results();
  const series = table.series();
  await printMeans(to, results);
  const [own] = results;
  if (own === undefined || own.count === 0) return;
  await printLine(to, '');
  await printIntervals(to, own);
  await printLine(to, '');
  await printSteps(to, table);
  if (series.length < 2) return;
  await printLine(to, '');
  await printWorst(to, series);
};

/** How much more the average would be off by without a member, or with what is none. */
const change = ({ otherwise }: CandidateScore, error: number): string => {
  const share = otherwise === null ? null : otherwise / error - 1;
  return `${share !== null && share > 0 ? '+' : ''}${percent(share)}`;
};

/**
 * What each candidate for the average that was fitted last brings, and its share of what all of
 * them cost.
 */
export const printCandidates = async (
  to: Output,
  { error, origins, candidates }: Comparison,
): Promise<void> => {
  const cost = candidates.reduce((sum, { micros }) => sum + micros, 0);
  await printLine(to, '');
  await printFigures(
    to,
    ['CANDIDATE', 'WEIGHT', 'ERROR HELD BACK', 'OTHERWISE', 'COST'],
    [
      ...candidates.map((one) => [
        ...[one.name, one.weight > 0 ? percent(one.weight) : 'none', scaled(one.error)],
        ...[change(one, error), percent(one.micros / cost)],
      ]),
      ['average', '', scaled(error), '', ''],
    ],
  );
  await printLine(to, `Held back: ${origins} ${origins === 1 ? 'origin' : 'origins'}.`);
};

/**
 * One object a line: the model, its opponents, then every series, the worst first, and the
 * candidates for the average that was fitted last.
 */
export const printResultLines = async (
  to: Output,
  table: BacktestTable,
  comparison: Comparison | undefined,
): Promise<void> => {
  for (const result of table.results()) await printJson(to, { kind: 'model', ...result });
  for (const series of table.series()) await printJson(to, { kind: 'series', ...series });
  for (const candidate of comparison?.candidates ?? []) {
    await printJson(to, { kind: 'candidate', ...candidate, origins: comparison?.origins });
  }
};
