import { extname } from 'node:path';
import { FileError } from '../errors.ts';
import { csvRows } from './csv.ts';
import { jsonRows } from './lines.ts';
import { parquetRows } from './parquet.ts';
import type { Row } from './row.ts';

export type FileFormat = 'csv' | 'json-lines' | 'parquet';

const FORMATS: Readonly<Record<string, FileFormat>> = {
  '.csv': 'csv',
  '.jsonl': 'json-lines',
  '.ndjson': 'json-lines',
  '.parquet': 'parquet',
};

/** What a file is, by the end of its name. */
export const fileFormat = (file: string): FileFormat => {
  const format = FORMATS[extname(file).toLowerCase()];
  if (format !== undefined) return format;
  throw new FileError(
    'FILE_FORMAT_UNKNOWN',
    `${file} is of no known format: name it .csv, .jsonl, .ndjson or .parquet`,
  );
};

const READERS: Readonly<Record<FileFormat, (file: string) => AsyncGenerator<readonly Row[]>>> = {
  csv: csvRows,
  'json-lines': jsonRows,
  parquet: parquetRows,
};

/** Rows of a CSV, JSON lines or Parquet file as plain JSON values, in batches of bounded size. */
export const readRows = (file: string): AsyncGenerator<readonly Row[]> =>
  READERS[fileFormat(file)](file);
