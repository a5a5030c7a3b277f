import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream';
import { CsvError, parse } from 'csv-parse';
import { FileError, unreadable } from '../errors.ts';
import { cellValue, ROWS_PER_BATCH, type Row } from './row.ts';

/** One record may not exceed this: an unclosed quote would otherwise swallow the file. */
const RECORD_BYTES_MAX = 1 << 20;

const damaged = (file: string, error: unknown): FileError => {
  if (error instanceof FileError) return error;
  if (!(error instanceof CsvError)) return unreadable(file, error);
  const lines: unknown = error['lines'];
  const place = typeof lines === 'number' ? `${file}:${lines}` : file;
  return new FileError('FILE_DAMAGED', `${place} is no CSV: ${error.message}`, error);
};

/** Rows of a CSV file whose first line names the columns, in batches. */
export async function* csvRows(file: string): AsyncGenerator<readonly Row[]> {
  const parser = pipeline(
    createReadStream(file),
    parse({
      bom: true,
      columns: true,
      skip_empty_lines: true,
      max_record_size: RECORD_BYTES_MAX,
      cast: (text, { header }) => (header ? text : cellValue(text)),
    }),
    () => {
      // A failure of either end destroys the parser, whose reader below then throws it.
    },
  );
  let rows: Row[] = [];
  try {
    for await (const row of parser) {
      // `columns: true` makes an object of every record.
      rows.push(row as Row);
      if (rows.length < ROWS_PER_BATCH) continue;
      yield rows;
      rows = [];
    }
  } catch (error) {
    throw damaged(file, error);
  }
  if (rows.length > 0) yield rows;
}
