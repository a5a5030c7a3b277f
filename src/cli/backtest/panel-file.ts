import { basename, extname } from 'node:path';
import type { Frequency } from '../../core/frequency.ts';
import type { SeriesHistory } from '../../evaluation/history.ts';
import { readSeries } from '../../ingestion/event-text.ts';
import { readPastTime } from '../../ingestion/event-time.ts';
import { readValue } from '../../ingestion/event-value.ts';
import { numeralOf, type Row } from '../../ingestion/files/row.ts';
import { readRows } from '../../ingestion/files/rows.ts';
import type { Refusal } from '../../ingestion/mapping-reason.ts';
import { CliError } from '../errors.ts';
import { spacingOf, type Spacing } from './spacing.ts';

export interface PanelColumns {
  /** undefined: the file is one series. */
  readonly series: string | undefined;
  /** undefined: rows are consecutive periods of their series. */
  readonly time: string | undefined;
  readonly value: string;
}

export interface PanelFile {
  readonly series: readonly SeriesHistory[];
  readonly rows: number;
  readonly spacing: Spacing;
  /** Columns of the file that were not named. */
  readonly otherColumns: readonly string[];
}

/** Two hundred years of hours: a wrong stamp must not take all memory. */
const PERIODS_MAX = 2_000_000;
/** `2010` and `2010-01`, as tables have them: no event was two seconds after 1970 began. */
const YEAR = /^[12]\d{3}$/;
const MONTH = /^\d{4}-\d{2}$/;

/** The values of a series by period, in the order of the file. */
interface Collected {
  readonly periods: number[];
  /** Epoch ms; empty without a time column. */
  readonly times: number[];
  readonly values: number[];
}

const columnOf = (row: Row, column: string, file: string): unknown => {
  if (Object.hasOwn(row, column)) return row[column];
  const columns = Object.keys(row);
  const told = `its columns: ${columns.join(', ')}${otherDelimiter(columns)}`;
  throw new CliError('USAGE', `${file} has no column "${column}"; ${told}`);
};

/** What to do of a file whose columns are told apart by something else than commas. */
const otherDelimiter = ([only = '', ...others]: readonly string[]): string => {
  const delimiter = others.length > 0 ? undefined : /[;\t|]/.exec(only)?.[0];
  if (delimiter === undefined) return '';
  return `; write commas between them, not ${JSON.stringify(delimiter)}, and points in numbers`;
};

/** What a stream refuses is refused here too. */
const accepted = <T extends string | number | null>(read: T | Refusal, place: string): T => {
  if (read === null || typeof read !== 'object') return read;
  throw new CliError('USAGE', `${place}: ${read.detail}`);
};

const wholeDate = (value: unknown): unknown => {
  // Files keep `2010.0` and `978307260000.0` as texts.
  const plain = typeof value === 'string' ? (numeralOf(value) ?? value) : value;
  const text = typeof plain === 'string' || typeof plain === 'number' ? String(plain) : '';
  if (YEAR.test(text)) return `${text}-01-01`;
  return MONTH.test(text) ? `${text}-01` : plain;
};

const timeOf = (value: unknown, { zone }: Frequency, place: string): number =>
  accepted(readPastTime(wholeDate(value), zone), place);

/** How long an id may be is said by the configuration of a stream, and here is none. */
const seriesOf = (value: unknown, place: string): string =>
  accepted(readSeries(value, Infinity), place);

const putAt = ({ periods, times }: Collected, timeMs: number, frequency: Frequency): void => {
  periods.push(frequency.periodOf(timeMs));
  times.push(timeMs);
};

/** One value a period, NaN where none was given. */
const historyOf = (seriesId: string, { periods, values }: Collected): SeriesHistory => {
  let first = Infinity;
  let last = -Infinity;
  for (const period of periods) {
    first = Math.min(first, period);
    last = Math.max(last, period);
  }
  if (last - first >= PERIODS_MAX) {
    throw new CliError(
      'USAGE',
      `series ${seriesId} spans ${last - first + 1} periods: check the time column and --frequency`,
    );
  }
  const dense = new Float64Array(last - first + 1).fill(Number.NaN);
  for (const [index, period] of periods.entries()) {
    dense[period - first] = values[index] ?? Number.NaN;
  }
  return { seriesId, firstPeriod: first, values: dense };
};

/** Without times, all series end together: origins are counted back from there. */
const endTogether = (series: readonly SeriesHistory[]): readonly SeriesHistory[] => {
  const longest = series.reduce((most, { values }) => Math.max(most, values.length), 0);
  return series.map((one) => ({ ...one, firstPeriod: longest - one.values.length }));
};

/** Reads the histories of a CSV, JSON lines or Parquet file. */
export const readPanel = async (
  file: string,
  columns: PanelColumns,
  frequency: Frequency,
): Promise<PanelFile> => {
  const collected = new Map<string, Collected>();
  const single = basename(file, extname(file));
  let rows = 0;
  let names: readonly string[] = [];
  for await (const batch of readRows(file)) {
    for (const row of batch) {
      rows += 1;
      if (rows === 1) names = Object.keys(row);
      const place = `${file}, row ${rows}`;
      const id =
        columns.series === undefined
          ? single
          : seriesOf(columnOf(row, columns.series, file), place);
      const series = collected.get(id) ?? { periods: [], times: [], values: [] };
      collected.set(id, series);
      if (columns.time === undefined) series.periods.push(series.periods.length);
      else putAt(series, timeOf(columnOf(row, columns.time, file), frequency, place), frequency);
      series.values.push(
        accepted(readValue(columnOf(row, columns.value, file)), place) ?? Number.NaN,
      );
    }
  }
  if (rows === 0) throw new CliError('USAGE', `${file} has no rows`);
  const histories = [...collected].map(([id, series]) => historyOf(id, series));
  const series = columns.time === undefined ? endTogether(histories) : histories;
  const named: readonly unknown[] = Object.values(columns);
  return {
    ...{ series, rows },
    spacing: spacingOf([...collected.values()], frequency.zone),
    otherColumns: names.filter((name) => !named.includes(name)),
  };
};
